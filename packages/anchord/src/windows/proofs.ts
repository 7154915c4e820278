import {
  type Anchor,
  HASH_BYTES,
  isoTime,
  leafHash,
  type Proof,
  PROOF_FORMAT,
  type ProofItem,
  sha256,
  toHex,
  verifyInclusion,
  windowRecord,
} from '@chronos/shared';
import type { Admissions } from '../store/admissions.js';
import { nativeHashInto } from '../store/sha256.js';
import type { AnchorStore } from '../store/anchors.js';
import type { IndexReader } from '../store/index-store.js';
import type { StoreWatch } from '../store/store-watch.js';
import type { WindowLog } from '../store/window-log.js';
import type { WindowRow, Windows } from '../store/windows.js';
import type { FinalWatch } from './final-watch.js';
import type { KnownDigests } from './known-digests.js';
import type { TreeRepair } from './tree-repair.js';
import { pathFromTiles } from './tree-tiles.js';

/** What a proof is made of, once the place of its digest is known. */
export type ProofParts = Omit<ProofsOptions, 'known'>;

export interface ProofsOptions {
  windows: Windows;
  admissions: Admissions;
  index: IndexReader;
  known: KnownDigests;
  log: WindowLog;
  anchors: AnchorStore;
  finalWatch: FinalWatch;
  treeRepair: Pick<TreeRepair, 'repair'>;
  storeWatch: Pick<StoreWatch, 'contradicts'>;
}

/** What all proofs of a final window share. */
interface WindowPart {
  window: WindowRow;
  log: NonNullable<Proof['log']> | undefined;
  anchors: Anchor[];
}

const CACHED_WINDOWS = 256;
const NO_JSON = new Uint8Array(0);

/** Makes proof files: DESIGN section 4. */
export class Proofs {
  private readonly maker: ProofMaker;

  constructor(private readonly options: ProofsOptions) {
    this.maker = new ProofMaker(options);
  }

  /** The proof, as it stands now, of the submitted digest that stands in `digests` at `at`. */
  item(digests: Uint8Array, at = 0): ProofItem {
    const place = this.options.known.find(digests, at);
    return place < 0 ? { status: 'unknown', finalAtMs: 0, json: NO_JSON } : this.maker.item(place);
  }
}

/** Makes the proof of the digest at a place. */
export class ProofMaker {
  private readonly finalWindows = new Map<number, WindowPart>();

  constructor(private readonly options: ProofParts) {}

  item(place: number): ProofItem {
    const { admissions, finalWatch } = this.options;
    const { bytes, receivedAtMs, window: windowId } = admissions.find(place)!;
    const { window, log, anchors } = this.windowPart(windowId);
    const inclusion = this.inclusion(window, place - window.firstPlace, bytes);
    // Of a closed window whose tree or log does not hold, no more is told than of an open one: a proof given out is right.
    const complete = inclusion !== undefined && log !== undefined;
    const proof: Proof = {
      format: PROOF_FORMAT,
      digest: { algorithm: 'sha256', value: toHex(bytes.subarray(0, HASH_BYTES)) },
      salt: toHex(bytes.subarray(HASH_BYTES)),
      receivedAt: isoTime(receivedAtMs),
      window: { id: window.id, seconds: window.seconds },
      ...(complete ? { inclusion, log, anchors } : { anchors: [] }),
    };
    return {
      status: !complete ? 'collecting' : window.finalAtMs !== undefined ? 'final' : 'anchoring',
      finalAtMs: (complete ? window.finalAtMs : undefined) ?? finalWatch.expectedFinalAtMs(window.id, window.seconds),
      json: Buffer.from(JSON.stringify(proof)),
    };
  }

  /** The path of a closed window's leaf, held against the window's root. */
  private inclusion(window: WindowRow, leafIndex: number, admitted: Uint8Array): Proof['inclusion'] {
    if (window.closed === undefined) return undefined;
    const { treeSize, root } = window.closed;
    const path = this.findPath(window, leafIndex, treeSize);
    const leaf = leafHash(sha256(admitted, nativeHashInto), nativeHashInto);
    if (path === undefined || !verifyInclusion(leaf, BigInt(leafIndex), BigInt(treeSize), path, root, nativeHashInto)) {
      void this.options.treeRepair.repair(window);
      return undefined;
    }
    return { leafIndex, treeSize, path: path.map(toHex), root: toHex(root) };
  }

  private findPath(window: WindowRow, leafIndex: number, treeSize: number): Uint8Array[] | undefined {
    const { admissions, index } = this.options;
    try {
      return pathFromTiles(leafIndex, treeSize, {
        tile: (level, idx) => index.findTile(window.id, level, idx),
        digests: (from, to) => admissions.read(window.firstPlace + from, window.firstPlace + to),
      });
    } catch (error) {
      if (error instanceof RangeError) return undefined; // a part of the tree is not there
      throw error;
    }
  }

  private windowPart(id: number): WindowPart {
    const cached = this.finalWindows.get(id);
    if (cached !== undefined) return cached;
    const window = this.options.windows.find(id)!;
    const part = { window, log: this.logPart(window), anchors: this.finalAnchors(window) };
    if (window.finalAtMs !== undefined) {
      this.finalWindows.set(id, part);
      const [oldest] = this.finalWindows.keys();
      if (oldest !== undefined && this.finalWindows.size > CACHED_WINDOWS) this.finalWindows.delete(oldest);
    }
    return part;
  }

  /** The log as it was when this window was appended to it: the log that was anchored with the window. */
  private logPart({ id, closed }: WindowRow): WindowPart['log'] {
    if (closed === undefined) return undefined;
    const { logIndex, logRoot, treeSize, root } = closed;
    const hashes = this.options.log.path(logIndex, logIndex + 1);
    const leaf = leafHash(windowRecord(id, treeSize, root), nativeHashInto);
    if (!verifyInclusion(leaf, BigInt(logIndex), BigInt(logIndex + 1), hashes, logRoot, nativeHashInto)) {
      this.options.storeWatch.contradicts(`window ${id} does not stand in the log as it should`);
      return undefined;
    }
    const path = hashes.map(toHex);
    return { index: logIndex, treeSize: logIndex + 1, path, root: toHex(logRoot) };
  }

  private finalAnchors(window: WindowRow): Anchor[] {
    return window.finalAtMs === undefined ? [] : this.options.anchors.findAnchors(window.id);
  }
}
