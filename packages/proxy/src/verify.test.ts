import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseProof, type Proof, verifyReplySchema } from '@chronos/shared';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestChain } from './test-support/test-chain.js';
import { gate, problemIn, randomDigest, TestProxy } from './test-support/test-proxy.js';

const PATH = '/api/v1/verify';
const digest = randomDigest();
const chain = new TestChain(31337);
let proxy: TestProxy;
let proof: Proof;

beforeAll(async () => {
  const origin = await TestProxy.start();
  await origin.post('/api/v1/timestamps', { digest });
  origin.anchord.finalize(origin.anchord.windowId);
  proof = parseProof((await origin.get(`/api/v1/proofs/${digest}`)).text);
  await origin.close();
  await chain.start(proof);
  proxy = await TestProxy.start({ evmRpcUrls: [chain.url] }, { verifications: 1 });
});
afterAll(async () => {
  await proxy.close();
  await chain.stop();
});

async function verdict(body: unknown) {
  const { status, headers, text } = await proxy.post(PATH, body);
  expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
  return verifyReplySchema.parse(JSON.parse(text));
}

describe('POST /api/v1/verify', () => {
  test('asks the chain, not anchord, and says of a good proof that it holds', async () => {
    const { ok, code, checks, message } = await verdict({ digest, proof });
    expect({ ok, code, message }).toEqual({ ok: true, code: 'ok', message: undefined });
    expect(checks.map((check) => [check.name, check.ok])).toEqual(
      ['format', 'digest', 'inclusion', 'log', 'complete', 'anchor'].map((name) => [name, true]),
    );
    expect(proxy.anchord.calls).toEqual([]);
  });

  test('asks the native side of a native anchor, at its own endpoint', async () => {
    const block = { number: 7, hash: 'b7'.repeat(32), time: '2026-11-20T10:00:33.120Z' };
    const contract = `0x${'c0'.repeat(20)}`;
    const anchor = { type: 'zilliqa-scilla', chain: 'zilliqa:222', contract, transaction: 'aa'.repeat(32), block };
    const params = [
      { vname: 'window', type: 'Uint64', value: String(proof.window.id) },
      { vname: 'root', type: 'ByStr32', value: `0x${proof.inclusion!.root}` },
    ];
    const event_logs = [{ _eventname: 'Anchored', address: contract, params }];
    const answers: Record<string, unknown> = {
      GetNetworkId: '222',
      GetTransaction: { receipt: { success: true, epoch_num: '7', event_logs } },
      GetTxBlock: {
        header: { BlockNum: '7', Timestamp: `${Date.parse(block.time)}456` },
        body: { BlockHash: block.hash },
      },
    };
    const node = createServer((req, res) => {
      req.once('data', (body: Buffer) => {
        const { id, method } = JSON.parse(String(body)) as { id: number; method: string };
        res.end(JSON.stringify({ id, result: answers[method] }));
      });
    }).listen(0, '127.0.0.1');
    await once(node, 'listening');
    const { port } = node.address() as AddressInfo;
    const native = await TestProxy.start({
      ...{ evmRpcUrls: [chain.url], scillaRpcUrls: [`http://127.0.0.1:${port}`], nativeChain: 'zilliqa:222' },
    });
    const { text } = await native.post(PATH, { digest, proof: { ...proof, anchors: [...proof.anchors, anchor] } });
    expect(verifyReplySchema.parse(JSON.parse(text))).toMatchObject({ ok: true, code: 'ok' });
    await native.close();
    node.close();
  });

  test.each<[string, () => unknown, string]>([
    ['of another digest', () => ({ digest: randomDigest(), proof }), 'digest_mismatch'],
    ['with another salt', () => ({ digest, proof: { ...proof, salt: '00'.repeat(16) } }), 'path_mismatch'],
    ['that is not complete', () => ({ digest, proof: { ...proof, anchors: [] } }), 'pending'],
    ['that is none', () => ({ digest, proof: {} }), 'malformed_proof'],
    [
      'that is nested deep',
      () => `{"digest":"${digest}","proof":{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}}`,
      'malformed_proof',
    ],
    ['of a later format', () => ({ digest, proof: { ...proof, format: 'chronos-proof/2' } }), 'unsupported_format'],
    [
      'of a chain that no endpoint is known for',
      () => ({ digest, proof: { ...proof, anchors: [{ ...proof.anchors[0], chain: 'eip155:1' }] } }),
      'chain_unreachable',
    ],
    [
      'with a transaction that the chain does not have',
      () => ({ digest, proof: { ...proof, anchors: [{ ...proof.anchors[0], transaction: `0x${'00'.repeat(32)}` }] } }),
      'anchor_not_found',
    ],
  ])('says of a proof %s why it does not hold', async (_, body, code) => {
    const reply = await verdict(body());
    expect([reply.ok, reply.code]).toEqual([false, code]);
    expect(reply.message).toBeTruthy();
    expect(reply.checks.at(-1)!.ok).toBe(false);
  });

  test.each<[string, () => unknown, object]>([
    ['no digest', () => ({ proof }), { code: 'invalid_digest', field: 'digest' }],
    [
      'an upper-case digest',
      () => ({ digest: digest.toUpperCase(), proof }),
      { code: 'invalid_digest', field: 'digest' },
    ],
    ['no proof', () => ({ digest }), { code: 'invalid_request', field: 'proof' }],
    ['a proof as text', () => ({ digest, proof: JSON.stringify(proof) }), { code: 'invalid_request', field: 'proof' }],
    ['an unknown key', () => ({ digest, proof, chain: 'x' }), { code: 'invalid_request', field: 'chain' }],
    ['no object', () => [digest, proof], { code: 'invalid_request' }],
    ['broken JSON', () => '{', { code: 'invalid_json' }],
  ])('refuses %s', async (_, body, problem) => {
    expect(problemIn(await proxy.post(PATH, body()))).toMatchObject({ status: 400, ...problem });
  });

  test('refuses more than 256 kB, and other types', async () => {
    expect(problemIn(await proxy.post(PATH, ' '.repeat(300_000))).code).toBe('request_too_large');
    expect(problemIn(await proxy.post(PATH, '{}', { 'content-type': 'text/plain' })).code).toBe(
      'unsupported_media_type',
    );
  });

  test('verifies a bounded number at once', async () => {
    const { opened, open } = gate();
    chain.gate = opened;
    const before = chain.asked;
    const first = verdict({ digest, proof });
    while (chain.asked === before) await new Promise((resolve) => setImmediate(resolve));
    expect(problemIn(await proxy.post(PATH, { digest, proof }))).toMatchObject({ status: 503, code: 'overloaded' });
    open();
    chain.gate = undefined;
    expect((await first).ok).toBe(true);
    expect((await verdict({ digest, proof })).ok).toBe(true);
  });

  test('says chain_unreachable when the endpoint does not answer', async () => {
    const deaf = await TestProxy.start({ evmRpcUrls: ['http://127.0.0.1:1'] });
    const { text } = await deaf.post(PATH, { digest, proof });
    expect(verifyReplySchema.parse(JSON.parse(text)).code).toBe('chain_unreachable');
    await deaf.close();
  });
});
