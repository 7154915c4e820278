import { ChronosClient, ChronosError, isComplete, ownProof, type Proof, submittedOf } from '../service/shared.js';

/** What came of asking the service for a proof. */
export type Fetched = { proof: Proof } | { problem: FetchProblem };
export type FetchProblem = 'away' | 'unknown' | 'pending' | 'refused';

/** The complete proof of a digest from the service; `had` is the incomplete one, whose blinding goes into it. */
export async function fetchProof(digest: string, had?: Proof): Promise<Fetched> {
  const owned = { digest, ...(had?.blinding === undefined ? {} : { blinding: had.blinding }) };
  let served: Proof;
  try {
    // What stands on the page already: the service may have been switched off since.
    ({ proof: served } = await new ChronosClient({ baseUrl: location.origin }).proof(submittedOf(owned)));
  } catch (error) {
    if (!(error instanceof ChronosError)) throw error;
    return { problem: error.code === 'unknown_digest' ? 'unknown' : 'away' };
  }
  if (!isComplete(served)) return { problem: 'pending' };
  try {
    return { proof: ownProof(owned, served) };
  } catch (error) {
    if (!(error instanceof ChronosError)) throw error;
    return { problem: 'refused' };
  }
}
