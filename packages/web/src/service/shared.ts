import './without-eval.js';

// What the page takes of `shared`, behind one import() each time: with zod it weighs as much as the rest of the page.
export * from '@chronos/shared';
