import './without-eval.js';

// What the page takes of `shared` once it talks to the service, behind import(): with zod it weighs more than the rest of the page's code.
export { ChronosClient, ownProof, proofFromReceipt, submittedOf } from '@chronos/shared';
