import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import {
  type ChainReader,
  chainReaders,
  type ChronosClient,
  fromHex,
  type HashInto,
  leafHash,
  nodeHash,
  type Proof,
  toHex,
  treeRoot,
  verifyProof,
  type WindowReply,
  windowRecord,
} from '@chronos/shared';
import type { ChainRecord } from './chain-events.js';
import type { Ledger } from './ledger.js';

const AT_ONCE = 1_000;
/** From one window that becomes final to the next. All of them may take long: the native chain takes one a transaction. */
const NEXT_FINAL_WITHIN_MS = 180_000;

export interface Audit {
  /** Digests that were acknowledged and have no complete proof with their receipt's salt, time and window. */
  lost: number;
  /** Roots that stand more than once on a chain. */
  anchoredTwice: number;
  windows: number;
  anchors: number;
  transactions: number;
  /** Digests whose submission had no known outcome: whole, or not there at all. */
  unknownWhole: number;
  unknownAbsent: number;
  /** All that is wrong, the losses among them. */
  faults: string[];
}

export interface AuditOptions {
  client: ChronosClient;
  ledger: Ledger;
  /** By chain as proofs name it, with the endpoint. */
  endpoints: ReadonlyMap<string, string>;
  readChains: () => Promise<ChainRecord[]>;
}

/** Asks for every digest that was ever sent, and holds the proofs, the windows, the log and the chains against the ledger and each other. */
export async function audit({ client, ledger, endpoints, readChains }: AuditOptions): Promise<Audit> {
  const faults: string[] = [];
  const windows = await allFinalWindows(client);
  const readersOf = onceEach(endpoints);
  let present = 0;
  let lost = 0;

  for (const digests of slices([...ledger.acknowledged.keys()])) {
    const { items } = await client.proofs(digests);
    for (const [i, { proof }] of items.entries()) {
      const digest = digests[i]!;
      const receipt = ledger.acknowledged.get(digest)!;
      present++;
      const why = await difference(digest, proof, readersOf);
      const { salt, receivedAt, window } = proof ?? { salt: '', receivedAt: '' };
      if (
        why === undefined &&
        salt === receipt.salt &&
        receivedAt === receipt.receivedAt &&
        window?.id === receipt.window
      ) {
        ledger.proven(digest, JSON.stringify(proof));
        continue;
      }
      lost++;
      faults.push(`digest ${digest} was acknowledged and ${why ?? 'its proof is not what the receipt said'}`);
    }
  }
  let unknownWhole = 0;
  for (const digests of slices([...ledger.unknown])) {
    const { items } = await client.proofs(digests);
    for (const [i, { proof, status }] of items.entries()) {
      if (status === 'unknown') continue;
      unknownWhole++;
      const why = await difference(digests[i]!, proof, readersOf);
      if (why !== undefined) faults.push(`digest ${digests[i]!} was not acknowledged, is in the store and ${why}`);
    }
  }
  const lastDigests = windows.filter(({ treeSize }) => treeSize > 1).length;
  const stored = windows.reduce((sum, { treeSize }) => sum + treeSize, 0) - lastDigests;
  if (stored !== present + unknownWhole)
    faults.push(`the windows hold ${stored} digests, of those that were sent ${present + unknownWhole} were found`);

  faults.push(...logFaults(windows));
  const chains = await readChains();
  let anchoredTwice = 0;
  for (const { events, paid } of chains) {
    const roots = new Map<string, number>();
    for (const { root } of events) roots.set(root, (roots.get(root) ?? 0) + 1);
    const twice = [...roots].filter(([, times]) => times > 1);
    anchoredTwice += twice.length;
    for (const [root, times] of twice) faults.push(`root ${root} stands ${times} times on the chain`);
    faults.push(...chainFaults(windows, events));
    const transactions = new Set(events.map(({ transaction }) => transaction)).size;
    if (paid !== transactions) faults.push(`${paid} transactions were paid for, ${transactions} have anchored`);
  }
  return {
    ...{ lost, anchoredTwice, unknownWhole },
    unknownAbsent: ledger.unknown.size - unknownWhole,
    windows: windows.length,
    anchors: chains.reduce((sum, { events }) => sum + events.length, 0),
    transactions: chains.reduce((sum, { paid }) => sum + paid, 0),
    faults: [...ledger.faults, ...faults],
  };
}

/** All windows, oldest first, once every one of them is final. */
async function allFinalWindows(client: ChronosClient): Promise<WindowReply[]> {
  let progress = { final: -1, atMs: 0 };
  for (;;) {
    const windows: WindowReply[] = [];
    for (let before: number | null | undefined; before !== null;) {
      const page = await client.windows({ limit: 100, ...(before === undefined ? {} : { before }) });
      windows.unshift(...page.items.toReversed());
      before = page.next;
    }
    const waiting = windows.filter(({ status }) => status !== 'final');
    if (waiting.length === 0) return windows;
    const final = windows.length - waiting.length;
    if (final > progress.final) progress = { final, atMs: performance.now() };
    if (performance.now() - progress.atMs > NEXT_FINAL_WITHIN_MS) {
      const list = waiting.map(({ id, status }) => `${id} ${status}`).join(', ');
      throw new Error(`no window has become final for ${NEXT_FINAL_WITHIN_MS / 1000} s, and these wait: ${list}`);
    }
    await setTimeout(500);
  }
}

/** Why this is no complete proof of the digest that holds on the chain; undefined where it is. */
async function difference(
  digest: string,
  proof: Proof | null,
  readersOf: (chain: string) => readonly ChainReader[],
): Promise<string | undefined> {
  if (proof === null) return 'the service does not know it';
  const outcome = await verifyProof(fromHex(digest), proof, readersOf, nativeHashInto);
  return outcome.ok ? undefined : `its proof does not verify: ${outcome.code}, ${outcome.message}`;
}

/** Log places have no gap, and every log root is that of all records up to it. */
function logFaults(windows: readonly WindowReply[]): string[] {
  const faults: string[] = [];
  const levels: Uint8Array[][] = [];
  windows.forEach(({ id, treeSize, root = '', logIndex, logRoot }, index) => {
    if (logIndex !== index) faults.push(`window ${id} stands at ${String(logIndex)} in the log, not at ${index}`);
    let hash = leafHash(windowRecord(id, treeSize, fromHex(root)));
    for (let level = 0, at = index; ; level++, at = (at - 1) / 2) {
      (levels[level] ??= []).push(hash);
      if (at % 2 === 0) break;
      hash = nodeHash(levels[level]![at - 1]!, hash);
    }
    const rootHere = toHex(treeRoot(index + 1, (level, at) => levels[level]![at]!));
    if (rootHere !== logRoot) faults.push(`the log's root with window ${id} does not follow from its records`);
  });
  return faults;
}

/** Every window stands on the chain once, with its root and place in the log, and nothing else does. */
function chainFaults(windows: readonly WindowReply[], events: ChainRecord['events']): string[] {
  const line = (id: number, root = '', logSize = 0, logRoot = '') => `window ${id}, ${root}, log ${logSize} ${logRoot}`;
  const expected = windows.map(({ id, root, logIndex = NaN, logRoot }) => line(id, root, logIndex + 1, logRoot));
  const found = new Set(events.map(({ window, root, logSize, logRoot }) => line(window, root, logSize, logRoot)));
  return [
    ...expected.filter((each) => !found.has(each)).map((each) => `not on the chain: ${each}`),
    ...[...found]
      .filter((each) => !expected.includes(each))
      .map((each) => `on the chain, and not in the store: ${each}`),
  ];
}

/** Readers that ask for a transaction once: thousands of proofs name the same. What is final stays. */
function onceEach(endpoints: ReadonlyMap<string, string>): (chain: string) => readonly ChainReader[] {
  const readers = new Map<string, ChainReader[]>();
  for (const [chain, rpcUrl] of endpoints) readers.set(chain, chainReaders(chain, [rpcUrl]).map(remembering));
  return (chain) => readers.get(chain) ?? [];
}

function remembering(reader: ChainReader): ChainReader {
  const found = new Map<string, ReturnType<ChainReader['findTransaction']>>();
  return {
    ...{ chain: reader.chain, endpoint: reader.endpoint },
    findTransaction(id) {
      const answer = found.get(id) ?? reader.findTransaction(id);
      found.set(id, answer);
      return answer;
    },
  };
}

function slices<T>(list: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(list.length / AT_ONCE) }, (_, i) => list.slice(i * AT_ONCE, (i + 1) * AT_ONCE));
}

const nativeHashInto: HashInto = (input, output, at) => {
  output.set(createHash('sha256').update(input).digest(), at);
};
