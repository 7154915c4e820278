import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// The checker was written from the design alone; the vectors hold it equal to the program, and this file shares no code with either.

const checker = fileURLToPath(new URL('../independent-checker.py', import.meta.url));
const vectors = JSON.parse(readFileSync(new URL('../../vectors/chronos/proofs.json', import.meta.url), 'utf8')) as {
  cases: { name: string; digest: string; expect: string; proof: unknown }[];
};

const directory = mkdtempSync(join(tmpdir(), 'chronos-checker-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs the checker on a proof file with this text. */
function check(digest: string, text: string, ...options: string[]): Promise<{ printed: string; exit: number }> {
  const file = join(directory, 'proof.json');
  writeFileSync(file, text);
  return new Promise((resolve) => {
    const child = execFile('python3', [checker, digest, file, ...options], (_, stdout) => {
      resolve({ printed: stdout.trim(), exit: child.exitCode ?? -1 });
    });
  });
}

describe('without a chain the checker agrees with the vectors', () => {
  test.each(vectors.cases)('$name: $expect', async ({ digest, proof, expect: outcome }) => {
    expect(await check(digest, JSON.stringify(proof))).toEqual({ printed: outcome, exit: outcome === 'ok' ? 0 : 1 });
  });
});

const good = vectors.cases.find(({ name }) => name === 'good: window of 3, leaf 1, log index 12')!;
const goodText = JSON.stringify(good.proof);

test.each([
  ['no JSON', '{'],
  ['a list', '[]'],
  ['NaN', goodText.replace('"leafIndex":1', '"leafIndex":NaN')],
  ['a number beyond all others', goodText.replace('"leafIndex":1', '"leafIndex":1e400')],
  ['true for a number', goodText.replace('"leafIndex":1', '"leafIndex":true')],
  ['nesting without end', goodText.replace('{', `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)},`)],
  ['a day that is not in the calendar', goodText.replace('2026-11-20T10:00:03', '2026-02-29T10:00:03')],
  ['an anchor that is no object', goodText.replace(/"anchors":.*/, '"anchors":[[]]}')],
])('%s is malformed', async (_, text) => {
  expect(await check(good.digest, text)).toEqual({ printed: 'malformed_proof', exit: 1 });
});

test('a digest that is none is a fault of the call, told apart from a proof that does not hold', async () => {
  expect(await check(good.digest.toUpperCase(), goodText)).toEqual({ printed: '', exit: 2 });
});

describe('with a chain', () => {
  const proof = good.proof as {
    window: { id: number };
    inclusion: { root: string };
    anchors: [{ contract: string; transaction: string; block: { number: number; hash: string; time: string } }];
  };
  const [{ contract, transaction, block }] = proof.anchors;
  const height = `0x${block.number.toString(16)}`;
  const header = { number: height, hash: block.hash, timestamp: `0x${(Date.parse(block.time) / 1000).toString(16)}` };
  const topics = [
    '0x5c88edbb750cf126ecd9bd52fe85b66c964716e388eca2e85a083b03bc1c11cd',
    `0x${proof.window.id.toString(16).padStart(64, '0')}`,
    `0x${proof.inclusion.root}`,
  ];
  const receipt = {
    status: '0x1',
    blockNumber: height,
    blockHash: block.hash,
    logs: [{ address: contract, topics, data: '0x' }],
  };

  let answers: Record<string, unknown> = {};
  const node = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString()) as {
        id: number;
        method: string;
        params: unknown[];
      };
      const key = method === 'eth_getBlockByNumber' ? String(params[0]) : method;
      const known = method !== 'eth_getTransactionReceipt' || params[0] === transaction;
      const result = known ? answers[key] : null;
      response.end(result === '<html>' ? result : JSON.stringify({ jsonrpc: '2.0', id, result }));
    });
  });
  beforeAll(() => new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve)));
  afterAll(() => new Promise((resolve) => node.close(resolve)));

  const event = receipt.logs[0];
  const receiptWith = (changed: object) => ({ eth_getTransactionReceipt: { ...receipt, ...changed } });
  const elsewhere = `0x${'1'.repeat(40)}`;

  test.each<[string, string, Record<string, unknown>]>([
    ['ok', 'says the same', {}],
    ['anchor_not_found', 'has no such transaction', { eth_getTransactionReceipt: null }],
    ['anchor_mismatch', 'says it failed', receiptWith({ status: '0x0' })],
    ['anchor_mismatch', 'has no event', receiptWith({ logs: [] })],
    ['anchor_mismatch', 'has the event of another contract', receiptWith({ logs: [{ ...event, address: elsewhere }] })],
    [
      'anchor_mismatch',
      'has another window',
      receiptWith({ logs: [{ ...event, topics: topics.with(1, topics[2]!) }] }),
    ],
    ['anchor_mismatch', 'has it in another block', receiptWith({ blockHash: topics[2] })],
    ['anchor_mismatch', 'has another time', { [height]: { ...header, timestamp: '0x1' } }],
    ['not_final', 'has finalized less', { finalized: { ...header, number: '0x1' } }],
    ['not_final', 'has finalized nothing', { finalized: null }],
    ['not_final', 'has another block at its height', { [height]: { ...header, hash: topics[2] } }],
    ['chain_unreachable', 'serves another chain', { eth_chainId: '0x1' }],
    ['chain_unreachable', 'answers HTML', { eth_chainId: '<html>' }],
    ['chain_unreachable', 'answers another shape', receiptWith({ logs: 5 })],
  ])('the outcome is %s when the node %s', async (outcome, _, changed) => {
    answers = {
      eth_chainId: '0x8001',
      eth_getTransactionReceipt: receipt,
      [height]: header,
      finalized: header,
      ...changed,
    };
    const url = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
    expect((await check(good.digest, goodText, '--rpc', url)).printed).toBe(outcome);
  });

  test('every endpoint must agree', async () => {
    answers = { eth_chainId: '0x8001', eth_getTransactionReceipt: receipt, [height]: header, finalized: header };
    const url = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
    const result = await check(good.digest, goodText, '--rpc', url, '--rpc', 'http://127.0.0.1:9');
    expect(result).toEqual({ printed: 'chain_unreachable', exit: 1 });
  });
});
