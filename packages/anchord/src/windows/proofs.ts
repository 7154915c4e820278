import { type Anchor, HASH_BYTES, isoTime, type Proof, PROOF_FORMAT, type ProofItem, toHex } from '@chronos/shared';
import type { Admissions } from '../store/admissions.js';
import type { AnchorStore } from '../store/anchors.js';
import type { IndexReader } from '../store/index-store.js';
import type { WindowLog } from '../store/window-log.js';
import type { WindowRow, Windows } from '../store/windows.js';
import type { FinalWatch } from './final-watch.js';
import type { KnownDigests } from './known-digests.js';
import { pathFromTiles } from './tree-tiles.js';

export interface ProofsOptions {
  windows: Windows;
  admissions: Admissions;
  index: IndexReader;
  known: KnownDigests;
  log: WindowLog;
  anchors: AnchorStore;
  finalWatch: FinalWatch;
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
  private readonly finalWindows = new Map<number, WindowPart>();

  constructor(private readonly options: ProofsOptions) {}

  /** The proof, as it stands now, of the submitted digest that stands in `digests` at `at`. */
  item(digests: Uint8Array, at = 0): ProofItem {
    const { known, admissions, finalWatch } = this.options;
    const place = known.find(digests, at);
    if (place < 0) return { status: 'unknown', finalAtMs: 0, json: NO_JSON };
    const { bytes, receivedAtMs, window: windowId } = admissions.find(place)!;
    const { window, log, anchors } = this.windowPart(windowId);
    const proof: Proof = {
      format: PROOF_FORMAT,
      digest: { algorithm: 'sha256', value: toHex(bytes.subarray(0, HASH_BYTES)) },
      salt: toHex(bytes.subarray(HASH_BYTES)),
      receivedAt: isoTime(receivedAtMs),
      window: { id: window.id, seconds: window.seconds },
      ...(window.closed === undefined || log === undefined
        ? {}
        : { inclusion: this.inclusion(window, window.closed, place - window.firstPlace), log }),
      anchors,
    };
    return {
      status: window.finalAtMs !== undefined ? 'final' : window.closed !== undefined ? 'anchoring' : 'collecting',
      finalAtMs: window.finalAtMs ?? finalWatch.expectedFinalAtMs(window.id, window.seconds),
      json: Buffer.from(JSON.stringify(proof)),
    };
  }

  private inclusion(
    window: WindowRow,
    { treeSize, root }: NonNullable<WindowRow['closed']>,
    leafIndex: number,
  ): NonNullable<Proof['inclusion']> {
    const { admissions, index } = this.options;
    const path = pathFromTiles(leafIndex, treeSize, {
      tile: (level, idx) => index.findTile(window.id, level, idx),
      digests: (from, to) => admissions.read(window.firstPlace + from, window.firstPlace + to),
    });
    return { leafIndex, treeSize, path: path.map(toHex), root: toHex(root) };
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
  private logPart({ closed }: WindowRow): WindowPart['log'] {
    if (closed === undefined) return undefined;
    const { logIndex, logRoot } = closed;
    const path = this.options.log.path(logIndex, logIndex + 1).map(toHex);
    return { index: logIndex, treeSize: logIndex + 1, path, root: toHex(logRoot) };
  }

  private finalAnchors(window: WindowRow): Anchor[] {
    return window.finalAtMs === undefined ? [] : this.options.anchors.findAnchors(window.id);
  }
}
