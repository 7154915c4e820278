import type { Db } from '../../store/store.js';
import { checkAnchors } from './check-anchors.js';
import { checkAttempts } from './check-attempts.js';
import { checkFile, checkSchema } from './check-file.js';
import type { IndexCheck } from './check-index.js';
import { checkLog } from './check-log.js';
import { WindowCheck, type WindowVisitor } from './check-windows.js';
import { isDamage } from './damage.js';
import { type Check, type Findings, RESTORE } from './findings.js';

export interface StoreCheckOptions {
  db: Db;
  findings: Findings;
  nowMs: number;
  /** Looks at the derived file meanwhile; a backup has none. */
  index?: IndexCheck;
  /** What is looked at, and how many digests or rows of it are done. */
  onProgress?: (check: Check, done: number) => void;
}

/** Everything that the file can tell of itself. How many digests were read. */
export function checkStore({ db, findings, nowMs, index, onProgress = () => undefined }: StoreCheckOptions): number {
  let digests = 0;
  const look = (check: Check, work: () => void) => {
    onProgress(check, 0);
    try {
      work();
    } catch (error) {
      if (!isDamage(error)) throw error;
      findings.add(check, 'chronos.db', `cannot be read further: ${error.message}`, RESTORE);
    }
  };
  look('file', () => checkFile(db, findings));
  look('schema', () => checkSchema(db, findings));
  if (findings.hasLasting('schema')) return 0; // the tables are not those that are looked into below
  look('windows', () => {
    const check = new WindowCheck(db, findings, index ?? BLIND, (done) => onProgress('windows', (digests = done)));
    const checked = check.run();
    look('log', () => checkLog(db, findings, checked));
  });
  look('anchors', () => checkAnchors(db, findings, nowMs));
  look('attempts', () => checkAttempts(db, findings));
  if (index !== undefined) look('index', () => index.finish((done) => onProgress('index', done)));
  return digests;
}

const BLIND: WindowVisitor = { digest: () => undefined, window: () => undefined };
