import { expect, test } from '@jest/globals';
import { routeOf } from './router.js';

test.each([
  ['/', { page: 'stamp' }],
  ['/status', { page: 'status' }],
  [`/d/${'ab'.repeat(32)}`, { page: 'digest', digest: 'ab'.repeat(32) }],
  [`/d/${'AB'.repeat(32)}`, { page: 'not-found' }],
  ['/d/', { page: 'not-found' }],
  ['/constructor', { page: 'not-found' }],
])('%s shows %j', (path, route) => {
  expect(routeOf(path)).toEqual(route);
});
