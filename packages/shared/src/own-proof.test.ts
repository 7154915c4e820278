import { expect, test } from '@jest/globals';
import { toHex } from './bytes.js';
import { goodProof, proofCases } from './fixtures/vectors.js';
import { ownProof, proofFromReceipt, submittedOf } from './own-proof.js';
import { type Proof, proofSchema } from './proof.js';

/** A blinded proof of the vectors, as the service would know it: of what was submitted, without digest and blinding. */
function blindedProof(): { digest: string; blinding: string; served: Proof; whole: Proof } {
  const found = proofCases.find(({ name, proof }) => name.startsWith('good') && 'blinding' in (proof as object))!;
  const whole = found.proof as Proof;
  const { blinding = '', ...rest } = whole;
  const { digest } = found;
  const served = { ...rest, digest: { ...rest.digest, value: submittedOf({ digest, blinding }) } };
  return { digest, blinding, served, whole };
}

test('the owner of a blinded digest gets the proof of the digest itself, with its blinding', () => {
  const { digest, blinding, served, whole } = blindedProof();
  expect(JSON.stringify(served)).not.toContain(blinding);
  expect(ownProof({ digest, blinding }, served)).toEqual(whole);
});

test('the proof of another digest, or one that does not hold, is refused', () => {
  const { digest, proof } = goodProof();
  const owned = { digest: toHex(digest) };
  expect(ownProof(owned, proof)).toEqual(proof);
  expect(() => ownProof({ digest: 'ab'.repeat(32) }, proof)).toThrow(
    expect.objectContaining({ code: 'digest_mismatch' }),
  );
  const forged = { ...proof, salt: 'cd'.repeat(16) };
  expect(() => ownProof(owned, forged)).toThrow(expect.objectContaining({ code: 'path_mismatch' }));
});

test('a receipt makes an incomplete proof', () => {
  const { digest, proof } = goodProof();
  const { salt, receivedAt, window } = proof;
  const incomplete = proofFromReceipt({
    ...{ digest: toHex(digest), status: 'accepted', salt, receivedAt },
    ...{ window: { ...window, closesAt: receivedAt }, proofUrl: '/' },
  });
  expect(proofSchema.parse(incomplete)).toEqual({ ...incomplete, window: { id: window.id, seconds: window.seconds } });
  expect(ownProof({ digest: toHex(digest) }, incomplete)).toEqual(incomplete);
});
