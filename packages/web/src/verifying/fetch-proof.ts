import {
  ChronosClient,
  ChronosError,
  type Proof,
  submittedDigest,
  fromHex,
  toHex,
  isComplete,
  verifyStructure,
} from '../service/shared.js';

/** What came of asking the service for a proof. */
export type Fetched = { proof: Proof } | { problem: FetchProblem };
export type FetchProblem = 'away' | 'unknown' | 'pending' | 'refused';

/**
 * The complete proof of a digest from the service; `had` is the incomplete one, whose blinding goes into it. The service is not trusted: what
 * it gives has to hold in itself.
 */
export async function fetchProof(digest: string, had?: Proof): Promise<Fetched> {
  const submitted = had === undefined ? digest : toHex(submittedDigest(fromHex(digest), had));
  try {
    // What stands on the page already: the service may have been switched off since.
    const client = new ChronosClient({ baseUrl: location.origin });
    const { proof: served } = await client.proof(submitted);
    if (!isComplete(served)) return { problem: 'pending' };
    const proof: Proof = {
      ...served,
      digest: { ...served.digest, value: digest },
      ...(had?.blinding === undefined ? {} : { blinding: had.blinding }),
    };
    return verifyStructure(fromHex(digest), proof).ok ? { proof } : { problem: 'refused' };
  } catch (error) {
    if (!(error instanceof ChronosError)) throw error;
    return { problem: error.code === 'unknown_digest' ? 'unknown' : 'away' };
  }
}
