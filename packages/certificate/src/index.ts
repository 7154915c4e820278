export * from './certificate.js';
export type * from './model.js';
export { proofFileName, shownName } from './shown-name.js';
export { type Language, LANGUAGES } from './words/languages.js';
