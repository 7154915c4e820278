import { ANCHORED_TOPIC, blockSchema, toHex } from '@chronos/shared';
import { toBeHex } from 'ethers';
import { z } from 'zod';
import type { Rpc } from './endpoints.js';
import { anchorsInterface } from './evm-errors.js';

/** Proposers set their blocks' times and may be a minute off, one before and the next after. */
const TIME_SLACK_SECONDS = 120;

const hexData = z.string().regex(/^0x([0-9a-fA-F]{2})*$/);
const logSchema = z.looseObject({ transactionHash: z.string().regex(/^0x[0-9a-fA-F]{64}$/) });

/**
 * The transaction that anchored `root`, by what the contract and one endpoint say of the final chain. The contract keeps the time of the
 * root's block, so the block is searched by time, in headers, and the event asked for within a few minutes of blocks: neither old state nor
 * a scan of the chain is needed, which nodes that prune or limit would refuse.
 */
export async function findAnchorTransaction(
  rpc: Rpc,
  contract: string,
  root: Uint8Array,
  window: number,
): Promise<string | undefined> {
  const rootTopic = `0x${toHex(root)}`;
  const data = anchorsInterface.encodeFunctionData('anchoredAt', [rootTopic]);
  const word = await rpc.call('eth_call', [{ to: contract, data }, 'finalized'], hexData);
  // Empty: the contract itself is not in the final state yet.
  const time = word === '0x' ? 0 : Number(BigInt(word));
  if (time === 0) return undefined;
  const timeAt = (number: number) => readBlock(rpc, toTag(number)).then(({ timestamp }) => timestamp);
  const { number, timestamp } = await readBlock(rpc, 'finalized');
  const from = await firstBlockFrom(time - TIME_SLACK_SECONDS, { number, time: timestamp }, timeAt);
  const to = await firstBlockFrom(time + TIME_SLACK_SECONDS, { number, time: timestamp }, timeAt);
  const filter = {
    address: contract,
    topics: [ANCHORED_TOPIC, toBeHex(window, 32), rootTopic],
    fromBlock: toTag(from),
    toBlock: toTag(to),
  };
  const [log] = await rpc.call('eth_getLogs', [filter], z.array(logSchema));
  return log?.transactionHash.toLowerCase();
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
