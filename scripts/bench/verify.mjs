// @ts-check
import { hash } from 'node:crypto';
import { fromHex, verifyStructure } from '../../packages/shared/dist/index.js';

// Proofs verified a second by one thread, in a process of its own, as a client does it: from the file's text. What the chain says is left out:
// asking it takes a node's answer, not the verifier's time.

const NATIVE = (/** @type {Uint8Array} */ input, /** @type {Uint8Array} */ out, /** @type {number} */ at) => {
  Buffer.prototype.latin1Write.call(out, hash('sha256', input, 'binary'), at, 32);
};

/**
 * @param {readonly { digest: string, text: string }[]} proofs
 * @param {number} seconds
 * @param {typeof NATIVE} [hashInto] without it the portable one
 */
function rate(proofs, seconds, hashInto) {
  const inputs = proofs.map(({ digest, text }) => ({ digest: fromHex(digest), text }));
  let done = 0;
  const round = () => {
    for (const { digest, text } of inputs) {
      const outcome = verifyStructure(digest, text, hashInto);
      if (!outcome.ok) throw new Error(`a proof does not hold: ${outcome.code}`);
      done++;
    }
  };
  round(); // the compiler's turn
  done = 0;
  const start = performance.now();
  while (performance.now() - start < seconds * 1000) round();
  return (1000 * done) / (performance.now() - start);
}

process.once('disconnect', () => process.exit(1)); // the bench is gone
process.once(
  'message',
  (/** @type {{ proofs: { digest: string, text: string }[], seconds: number }} */ { proofs, seconds }) => {
    process.send?.({ native: rate(proofs, seconds, NATIVE), portable: rate(proofs, seconds) });
  },
);
