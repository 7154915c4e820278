import { Admissions } from '../store/admissions.js';
import type { Db } from '../store/store.js';

/** How much a store holds. Two copies of one state have the same. */
export interface StoreSummary {
  /** Everything that was admitted, the last digests of windows included. */
  digests: number;
  windows: number;
  finalWindows: number;
  logSize: number;
  anchors: number;
  attempts: number;
  /** The id of the last window, the open one included. */
  lastWindow: number | null;
}

export function summarize(db: Db): StoreSummary {
  const count = (what: string) => db.prepare<[], number>(`SELECT ${what}`).pluck().get()!;
  return {
    digests: new Admissions(db).end(),
    windows: count('count(*) FROM windows'),
    finalWindows: count('count(*) FROM windows WHERE final_at IS NOT NULL'),
    logSize: count('ifnull(max(log_index) + 1, 0) FROM windows'),
    anchors: count('count(*) FROM anchors'),
    attempts: count('count(*) FROM attempts'),
    lastWindow: db.prepare<[], number | null>('SELECT max(id) FROM windows').pluck().get() ?? null,
  };
}
