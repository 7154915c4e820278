import { fromHex, toHex } from './bytes.js';
import { nodeHash } from './merkle.js';

/** A step from a leaf towards the root: the sibling, the side on which it stands, and what the two hash to. Hex. */
export interface PathStep {
  side: 'left' | 'right';
  sibling: string;
  node: string;
}

/**
 * The steps of an inclusion proof, RFC 9162 section 2.1.3.2, for people to follow by hand. Written apart from the verifier, which decides;
 * a path of the wrong length still gives steps, that lead elsewhere.
 */
export function pathSteps(leaf: Uint8Array, index: number, treeSize: number, path: readonly string[]): PathStep[] {
  let node: Uint8Array = leaf;
  let place = index;
  let last = treeSize - 1;
  return path.map((sibling) => {
    // The last node of an uneven level has no right sibling: it rises until it has one on its left.
    while (place === last && place % 2 === 0 && place > 0) {
      place /= 2;
      last = Math.floor(last / 2);
    }
    const side = place % 2 === 1 ? 'left' : 'right';
    node = side === 'left' ? nodeHash(fromHex(sibling), node) : nodeHash(node, fromHex(sibling));
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
    return { side, sibling, node: toHex(node) };
  });
}
