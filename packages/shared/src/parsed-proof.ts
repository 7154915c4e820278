import type { Anchor, Proof } from './proof.js';

// What is asked of a proof that was parsed already. It stands apart from the schemas so that a page can have it without them.

/** Whether this program knows the kind of an anchor. */
export function isKnownAnchor(anchor: Proof['anchors'][number]): anchor is Anchor {
  return anchor.type === 'zilliqa-evm' || anchor.type === 'zilliqa-scilla';
}

/** The anchor whose block was made first. */
export function earliestOf(anchors: readonly Anchor[]): Anchor | undefined {
  return anchors.toSorted((a, b) => Date.parse(a.block.time) - Date.parse(b.block.time))[0];
}

/** The anchor whose block was made first: the time that a proof is good for. Undefined where the proof is incomplete. */
export function earliestAnchor(proof: Proof): Anchor | undefined {
  return earliestOf(proof.anchors.filter(isKnownAnchor));
}

/** The text of a proof file: JSON with two spaces and a line end. `parseProof(formatProof(proof))` is the same proof. */
export function formatProof(proof: Proof): string {
  return `${JSON.stringify(proof, null, 2)}\n`;
}

/** Whether a proof is complete: it states a final anchor. (Whether that anchor holds, the chain tells.) */
export function isComplete(proof: Proof): boolean {
  return proof.anchors.length > 0;
}
