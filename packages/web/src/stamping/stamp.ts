import type { Proof, WindowReply } from '@chronos/shared';

/** What is kept of a document that was stamped here. */
export interface Stamp {
  id: string;
  /** Its file's path below what was dropped; empty for a digest that was pasted. */
  name: string;
  /** Of its file, in bytes. */
  size?: number;
  digest: string;
  /** 32 hex digits. It stands here and in the proof file, and nowhere else. */
  blinding?: string;
  addedAtMs: number;
  /** When its window closes, from the receipt. */
  closesAt?: string;
  /** The service had it before: its first timestamp holds. */
  wasKnown?: boolean;
  /** Incomplete until its anchors are final. */
  proof?: Proof;
}

/** Where a document is on its way. `hashed`: to be submitted; `submitted`: followed until its proof is complete. */
export type Stage = 'hashing' | 'hashed' | 'submitted' | 'final' | 'failed';

/** Why a document went no further; `message` is what the service or the browser said. */
export interface ItemFault {
  kind: 'unreadable' | 'refused' | 'proof';
  message: string;
}

/** A document on the page. */
export interface Item extends Omit<Stamp, 'digest'> {
  stage: Stage;
  /** Once it is hashed. */
  digest?: string;
  hashedBytes: number;
  fault?: ItemFault;
  /** The name of another one with the same content. */
  sameAs?: string;
  /** The transaction on its way that carries its window. */
  sent?: NonNullable<WindowReply['sent']>[number];
}

/** A document that has a digest, as it is kept. */
export function stampOf(item: Item & { digest: string }): Stamp {
  const { id, name, size, digest, blinding, addedAtMs, closesAt, wasKnown, proof } = item;
  return {
    ...{ id, name, digest, addedAtMs },
    ...(size === undefined ? {} : { size }),
    ...(blinding === undefined ? {} : { blinding }),
    ...(closesAt === undefined ? {} : { closesAt }),
    ...(wasKnown === undefined ? {} : { wasKnown }),
    ...(proof === undefined ? {} : { proof }),
  };
}

/** What was kept, as it goes on: what was not submitted yet will be. */
export function itemOf(stamp: Stamp): Item {
  const { proof } = stamp;
  const stage = proof === undefined ? 'hashed' : proof.anchors.length > 0 ? 'final' : 'submitted';
  return { ...stamp, stage, hashedBytes: stamp.size ?? 0 };
}

export function isHashed(item: Item): item is Item & { digest: string } {
  return item.digest !== undefined;
}

/** The start of its window, Unix seconds; 0 before it has one. */
export function windowOf({ proof }: Item): number {
  return proof?.window.id ?? 0;
}
