import './without-eval.js';

// What pages that are fetched when they are gone to take of `shared`: with zod it weighs as much as the rest of the page.
export * from '@chronos/shared';
