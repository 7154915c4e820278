import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { ChronosError, isoTime, toHex } from '@chronos/shared';
import type { Clock } from '../clock.js';
import { Admissions } from '../store/admissions.js';
import { openAnchorStore } from '../store/anchors.js';
import { IndexReader } from '../store/index-store.js';
import { storeFileIn } from '../store/store.js';
import { WindowLog } from '../store/window-log.js';
import { type WindowRow, Windows } from '../store/windows.js';
import { FinalWatch } from '../windows/final-watch.js';
import { ProofMaker } from '../windows/proofs.js';

export interface ExportOptions {
  folder: string;
  /** The first window. */
  fromWindow: number;
  windowsOnly: boolean;
  clock: Clock;
}

/**
 * Every closed window, oldest first, each followed by the proofs of its digests once it is final: one JSON text a line, proofs as the
 * service gives them. What is final never changes, so a daemon may run. Throws `store_unusable` where
 * there is no store, and at a proof that does not hold.
 */
export function* exportLines({ folder, fromWindow, windowsOnly, clock }: ExportOptions): Generator<string> {
  if (!existsSync(storeFileIn(folder))) throw new ChronosError('store_unusable', `there is no store in ${folder}`);
  const db = new Database(storeFileIn(folder), { readonly: true, fileMustExist: true });
  const damaged: Error[] = [];
  const index = new IndexReader(folder, (damage) => damaged.push(damage));
  try {
    const windows = new Windows(db);
    // It only reads: a transaction of its own is none.
    const anchors = openAnchorStore({ db, file: db.name, transaction: (work) => work(), close: () => undefined });
    const finalWatch = new FinalWatch(windows, clock);
    const maker = new ProofMaker({
      windows,
      admissions: new Admissions(db),
      index,
      log: new WindowLog(db),
      anchors,
      finalWatch,
      // Only the daemon mends.
      treeRepair: { repair: async () => undefined },
      storeWatch: { contradicts: () => undefined },
    });
    for (
      let row = windows.find(fromWindow) ?? windows.findNext(fromWindow);
      row !== undefined;
      row = windows.findNext(row.id)
    ) {
      const { closed } = row;
      if (closed === undefined) continue;
      const isFinal = row.finalAtMs !== undefined;
      yield windowLine(row, closed, isFinal ? anchors.findAnchors(row.id) : []);
      if (windowsOnly || !isFinal) continue;
      for (let leaf = 0; leaf < closed.treeSize; leaf++) {
        const { status, json } = maker.item(row.firstPlace + leaf);
        if (damaged[0] !== undefined || status !== 'final')
          throw new ChronosError(
            'store_unusable',
            `digest ${leaf} of window ${row.id} has no proof that holds: run "anchord fsck"`,
          );
        yield `{"proof":${Buffer.from(json).toString()}}`;
      }
    }
  } finally {
    index.close();
    db.close();
  }
}

function windowLine(
  row: WindowRow,
  { atMs, treeSize, root, logIndex, logRoot }: NonNullable<WindowRow['closed']>,
  anchors: object[],
): string {
  return JSON.stringify({
    window: {
      ...{ id: row.id, seconds: row.seconds, status: row.finalAtMs === undefined ? 'closed' : 'final', treeSize },
      ...{ root: toHex(root), logIndex, logRoot: toHex(logRoot), closedAt: isoTime(atMs) },
      ...(row.dcrtimeRoot === undefined ? {} : { dcrtimeRoot: toHex(row.dcrtimeRoot) }),
      ...(row.finalAtMs === undefined ? {} : { finalAt: isoTime(row.finalAtMs) }),
      anchors,
    },
  });
}
