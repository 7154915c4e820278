import './without-eval.js';

// What stamping takes of `shared`, behind one import(): a first look at the page does without it, and what verifying needs stays out.
export { ChronosClient, ownProof, proofFromReceipt, submittedOf } from '@chronos/shared';
