import { ANCHORED_TOPIC, blockSchema, toHex } from '@chronos/shared';
import { toBeHex } from 'ethers';
import { z } from 'zod';
import type { RootOfWindow } from './chain.js';
import type { Rpc } from './endpoints.js';
import { anchorsInterface } from './evm-errors.js';
import { fewAtATime } from './few-at-a-time.js';

/** Proposers set their blocks' times and may be a minute off, one before and the next after. */
const TIME_SLACK_SECONDS = 120;

/** Roots whose blocks lie within this time are asked for at once: a few hundred blocks, which nodes that limit the range allow. */
const SPAN_SECONDS = 600;

const hexData = z.string().regex(/^0x([0-9a-fA-F]{2})*$/);
const logSchema = z.looseObject({ transactionHash: z.string().regex(/^0x[0-9a-fA-F]{64}$/) });

interface TimedRoot extends RootOfWindow {
  time: number;
}

/**
 * The transactions that anchored these roots, by what the contract and one endpoint say of the final
 * chain. The contract keeps the time of a root's block, so the block is searched by time, in headers, and the events asked for within a few
 * minutes of blocks: neither old state nor a scan of the chain is needed, which nodes that prune or limit would refuse.
 */
export async function findAnchorTransactions(
  rpc: Rpc,
  contract: string,
  roots: readonly RootOfWindow[],
): Promise<string[]> {
  const times = await fewAtATime(roots, ({ root }) => readAnchoredAt(rpc, contract, root));
  const timed = roots.map((root, at): TimedRoot => ({ ...root, time: times[at]! })).filter(({ time }) => time > 0);
  const found = new Set<string>();
  for (const near of groupByTime(timed)) {
    for (const transaction of await findEvents(rpc, contract, near)) found.add(transaction);
  }
  return [...found];
}

/** The time of the final block that has the root, in seconds; 0 where there is none. */
async function readAnchoredAt(rpc: Rpc, contract: string, root: Uint8Array): Promise<number> {
  const data = anchorsInterface.encodeFunctionData('anchoredAt', [`0x${toHex(root)}`]);
  const word = await rpc.call('eth_call', [{ to: contract, data }, 'finalized'], hexData);
  // Empty: the contract itself is not in the final state yet.
  return word === '0x' ? 0 : Number(BigInt(word));
}

function groupByTime(roots: readonly TimedRoot[]): TimedRoot[][] {
  const groups: TimedRoot[][] = [];
  for (const root of [...roots].sort((a, b) => a.time - b.time)) {
    const last = groups.at(-1);
    if (last !== undefined && root.time - last[0]!.time <= SPAN_SECONDS) last.push(root);
    else groups.push([root]);
  }
  return groups;
}

async function findEvents(rpc: Rpc, contract: string, roots: readonly TimedRoot[]): Promise<string[]> {
  const timeAt = (number: number) => readBlock(rpc, toTag(number)).then(({ timestamp }) => timestamp);
  const { number, timestamp } = await readBlock(rpc, 'finalized');
  const tip = { number, time: timestamp };
  const from = await firstBlockFrom(roots[0]!.time - TIME_SLACK_SECONDS, tip, timeAt);
  const to = await firstBlockFrom(roots.at(-1)!.time + TIME_SLACK_SECONDS, tip, timeAt);
  const filter = {
    address: contract,
    topics: [
      ANCHORED_TOPIC,
      roots.map(({ window }) => toBeHex(window, 32)),
      roots.map(({ root }) => `0x${toHex(root)}`),
    ],
    fromBlock: toTag(from),
    toBlock: toTag(to),
  };
  const logs = await rpc.call('eth_getLogs', [filter], z.array(logSchema));
  return logs.map(({ transactionHash }) => transactionHash.toLowerCase());
}

interface TimedBlock {
  number: number;
  time: number;
}

/**
 * The number of the first block whose time is not before `time`; the tip's where all are before. It looks at no block that is much older,
 * since many nodes have none.
 */
export async function firstBlockFrom(
  time: number,
  tip: TimedBlock,
  timeAt: (number: number) => Promise<number>,
): Promise<number> {
  if (tip.time < time) return tip.number;
  let high = tip;
  let low: TimedBlock;
  // Zilliqa makes about a block a second; a chain that is slower or faster takes more steps.
  for (let distance = tip.time - time + 1; ; distance *= 2) {
    const number = Math.max(tip.number - distance, 0);
    low = { number, time: await timeAt(number) };
    if (low.time < time) break;
    if (number === 0) return 0;
    high = low;
  }
  // By the times of the known blocks and by halves in turn: few steps on a steady chain, and never many.
  for (let step = 0; high.number - low.number > 1; step++) {
    const share = step % 2 === 0 ? (time - low.time) / (high.time - low.time) : 0.5;
    const guess = low.number + Math.round(share * (high.number - low.number));
    const number = Math.min(Math.max(guess, low.number + 1), high.number - 1);
    const block = { number, time: await timeAt(number) };
    if (block.time < time) low = block;
    else high = block;
  }
  return high.number;
}

function readBlock(rpc: Rpc, tag: string) {
  return rpc.call('eth_getBlockByNumber', [tag, false], blockSchema);
}

function toTag(number: number): string {
  return `0x${number.toString(16)}`;
}
