import { type Anchor, chainReaders, checkAnchor, ChronosError, isoTime, toHex } from '@chronos/shared';
import { openContractView } from '../../chain/contract-view.js';
import type { Clock } from '../../clock.js';
import type { Db } from '../../store/store.js';
import { requeue } from './check-anchors.js';
import type { Findings } from './findings.js';
import { pages } from './pages.js';

export interface ChainsToAsk {
  rpcUrlsOf(chain: string): readonly string[];
  /** The first window whose anchors are asked for. */
  fromWindow: number;
  clock: Clock;
}

interface AnchorRow {
  window: number;
  root: Buffer;
  type: Anchor['type'];
  contract: string;
  transaction_id: string;
  block_number: number;
  block_hash: string;
  block_time: number;
}

const PAGE = 256;
/** Questions to an endpoint that are under way together; public ones limit the rate. */
const TOGETHER = 4;
const ASK_OTHERS =
  'ask other endpoints (CHRONOS_EVM_RPC_URLS, CHRONOS_SCILLA_RPC_URLS): if all say so, this chain is not the one that it was';

/**
 * The store against the chains that it says it is anchored on: as anybody checks a proof, and without the wallet. A chain that gives no
 * answer leaves the check open.
 */
export async function checkChains(
  db: Db,
  findings: Findings,
  ask: ChainsToAsk,
  onProgress: (done: number) => void,
): Promise<void> {
  const chains = db.prepare<[], string>('SELECT chain FROM anchors UNION SELECT chain FROM attempts').pluck().all();
  let done = 0;
  for (const chain of chains) {
    const rpcUrls = ask.rpcUrlsOf(chain);
    if (rpcUrls.length === 0) {
      findings.unchecked = `no endpoint is known for ${chain}`;
      continue;
    }
    try {
      await checkAnchorsOn(db, findings, chain, rpcUrls, ask.fromWindow, (count) => onProgress((done += count)));
      await checkContracts(db, findings, chain, rpcUrls, ask.clock);
    } catch (error) {
      if (!(error instanceof ChronosError) || error.code !== 'chain_unreachable') throw error;
      findings.unchecked = `${chain} could not be asked: ${error.message}`;
    }
  }
}

async function checkAnchorsOn(
  db: Db,
  findings: Findings,
  chain: string,
  rpcUrls: readonly string[],
  fromWindow: number,
  onDone: (count: number) => void,
): Promise<void> {
  const [reader] = chainReaders(chain, rpcUrls);
  if (reader === undefined) throw new ChronosError('chain_unreachable', `chains like ${chain} are not known here`);
  const select = db.prepare<[string, number], AnchorRow>(
    `SELECT a.window, w.root, a.type, a.contract, a.transaction_id, a.block_number, a.block_hash, a.block_time
       FROM anchors a JOIN windows w ON w.id = a.window WHERE a.chain = ? AND a.window > ? AND w.root IS NOT NULL ORDER BY a.window LIMIT ${PAGE}`,
  );
  const isAfter = (row: AnchorRow, other: AnchorRow) => row.window > other.window;
  for (const rows of pages<AnchorRow>((last) => select.all(chain, last?.window ?? fromWindow - 1), isAfter)) {
    // A transaction that carries many windows is asked for once.
    const transactions = new Map<string, ReturnType<typeof reader.findTransaction>>();
    const remembering = {
      ...{ chain, endpoint: reader.endpoint },
      findTransaction: (id: string) => {
        const found = transactions.get(id) ?? reader.findTransaction(id);
        transactions.set(id, found);
        return found;
      },
    };
    for (let at = 0; at < rows.length; at += TOGETHER) {
      await Promise.all(rows.slice(at, at + TOGETHER).map((row) => checkOne(row)));
    }
    onDone(rows.length);

    async function checkOne({ window, root, ...row }: AnchorRow): Promise<void> {
      const { type, contract, transaction_id: transaction } = row;
      const block = { number: row.block_number, hash: row.block_hash, time: isoTime(row.block_time) };
      const stated = { window: { id: window }, inclusion: { root: toHex(root) } };
      const outcome = await checkAnchor(remembering, { type, chain, contract, transaction, block }, stated);
      if (outcome.ok) return;
      const where = `anchor of window ${window} on ${chain}`;
      if (outcome.code === 'chain_unreachable') throw new ChronosError('chain_unreachable', outcome.message);
      if (outcome.code === 'anchor_mismatch')
        findings.addMendable(
          'chain',
          where,
          outcome.message,
          'lets the window wait for its anchor again: the next start takes over what the contract has',
          (writable) => {
            requeue(writable, window, chain);
          },
        );
      else findings.add('chain', where, outcome.message, ASK_OTHERS);
    }
  }
}

/** Nonces and the number of roots tell whether the chain knows of more than this store. */
async function checkContracts(
  db: Db,
  findings: Findings,
  chain: string,
  rpcUrls: readonly string[],
  clock: Clock,
): Promise<void> {
  const contracts = db
    .prepare<[string], { contract: string; known: number }>(
      'SELECT contract, count(*) AS known FROM anchors WHERE chain = ? GROUP BY contract',
    )
    .all(chain);
  for (const { contract, known } of contracts) {
    const view = openContractView({ chain, contract, rpcUrls, clock });
    try {
      const count = await view.anchorCount();
      if (count > BigInt(known))
        findings.note(
          `${contract} on ${chain} has ${count - BigInt(known)} roots that this store does not know (the last of window ${await view.latestWindow()}): ` +
            'it is older than the store that anchored them, or another store anchors with the same contract',
        );
      await checkNonces(db, findings, chain, (account) => view.finalNonce(account));
    } finally {
      view.close();
    }
  }
}

async function checkNonces(
  db: Db,
  findings: Findings,
  chain: string,
  finalNonce: (account: string) => Promise<bigint>,
): Promise<void> {
  const accounts = db
    .prepare<[string], { account: string; highest: number }>(
      `SELECT account, max(nonce) AS highest FROM attempts WHERE chain = ? AND state IN ('final', 'failed') GROUP BY account`,
    )
    .all(chain);
  for (const { account, highest } of accounts) {
    const next = await finalNonce(account);
    if (next <= BigInt(highest))
      findings.add(
        'chain',
        `nonce ${highest} of ${account} on ${chain}`,
        `is used by a finished attempt, and the chain says that ${next} comes next`,
        ASK_OTHERS,
      );
  }
}
