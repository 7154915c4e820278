import type * as shared from '@chronos/shared';

/** What stamping uses of the service and of `shared`, both fetched when they are first needed. */
export interface StampingService {
  shared: () => Promise<Pick<typeof shared, 'submittedOf' | 'ownProof' | 'proofFromReceipt'>>;
  client: () => Promise<Pick<shared.ChronosClient, 'submit' | 'proof' | 'proofs' | 'window'>>;
}
