import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fromHex } from './bytes.js';
import type { ChainReader, ChainTransaction } from './chain-reader.js';
import { ChronosError } from './errors.js';
import { goodProof, proofCases } from './fixtures/vectors.js';
import { blindDigest } from './hash-rules.js';
import { isKnownAnchor } from './parsed-proof.js';
import type { Anchor, Proof } from './proof.js';
import { VERIFY_CODES } from './verify-codes.js';
import { submittedDigest, verifyProof, verifyStructure } from './verify-proof.js';

function anchorsOf(proof: Proof): Anchor[] {
  return proof.anchors.filter(isKnownAnchor);
}

/** What a chain says of the proof's anchor when all is well. */
function onChain(proof: Proof, anchor = anchorsOf(proof)[0]!): ChainTransaction {
  const { number, hash, time } = anchor.block;
  return {
    succeeded: true,
    final: true,
    block: { number, hash, timeMs: Date.parse(time) },
    anchored: [{ contract: anchor.contract, window: BigInt(proof.window.id), root: proof.inclusion!.root }],
  };
}

type Answer = ChainTransaction | undefined | Error;

function reader(answer: Answer | ((id: string) => Answer), endpoint = 'https://node.example'): ChainReader {
  return {
    chain: 'eip155:32769',
    endpoint,
    findTransaction: (id) => {
      const said = typeof answer === 'function' ? answer(id) : answer;
      return said instanceof Error ? Promise.reject(said) : Promise.resolve(said);
    },
  };
}

const silent = new ChronosError('chain_unreachable', 'no answer');

async function outcome(answers: readonly Answer[], { digest, proof } = goodProof()) {
  const readers = answers.map((answer, i) => reader(answer, `https://node-${i}.example`));
  const { code } = await verifyProof(digest, proof, () => readers);
  return code;
}

describe('verifyStructure', () => {
  test.each(proofCases)('$name is $expect', ({ digest, proof, expect: outcome }) => {
    expect(verifyStructure(fromHex(digest), proof)).toMatchObject({ ok: outcome === 'ok', code: outcome });
    expect(verifyStructure(fromHex(digest), JSON.stringify(proof)).code).toBe(outcome);
  });

  test('tells each check that was made, and none after the one that failed', () => {
    const { digest, proof } = goodProof();
    const names = (input: unknown, asked = digest) =>
      verifyStructure(asked, input).checks.map(({ name, ok }) => `${name} ${ok}`);
    expect(names(proof)).toEqual(['format true', 'digest true', 'inclusion true', 'log true', 'complete true']);
    expect(names('{')).toEqual(['format false']);
    expect(names({ ...proof, format: 'chronos-proof/2' })).toEqual(['format false']);
    expect(names(proof, new Uint8Array(32))).toEqual(['format true', 'digest false']);
    expect(names({ ...proof, salt: '00'.repeat(16) })).toEqual(['format true', 'digest true', 'inclusion false']);
    expect(names({ ...proof, window: { id: 1, seconds: 30 } }).at(-1)).toBe('log false');
    expect(names({ ...proof, anchors: [] }).at(-1)).toBe('complete false');
  });

  test('answers the first fault in the order of the codes where a proof has several', () => {
    const { digest, proof } = goodProof();
    const faults: [string, (proof: Proof) => unknown][] = [
      ['pending', (p) => ({ ...p, anchors: [] })],
      ['log_mismatch', (p) => ({ ...p, log: { ...p.log, root: '00'.repeat(32) } })],
      ['path_mismatch', (p) => ({ ...p, salt: '00'.repeat(16) })],
      ['digest_mismatch', (p) => ({ ...p, digest: { algorithm: 'sha256', value: '00'.repeat(32) } })],
      ['unsupported_format', (p) => ({ ...p, format: 'chronos-proof/2' })],
      ['malformed_proof', (p) => ({ ...p, receivedAt: 'yesterday' })],
    ];
    let broken: unknown = proof;
    for (const [code, breakIt] of faults) {
      broken = breakIt(broken as Proof);
      expect(verifyStructure(digest, broken).code).toBe(code);
    }
    expect(faults.map(([code]) => code).toReversed()).toEqual(VERIFY_CODES.slice(0, 6));
  });

  test('holds the proof against the digest asked about, whatever the file says', () => {
    const { proof } = goodProof();
    expect(verifyStructure(new Uint8Array(32), proof).code).toBe('digest_mismatch');
    expect(verifyStructure(fromHex(proof.digest.value).subarray(0, 31), proof).code).toBe('digest_mismatch');
    expect(verifyStructure(new Uint8Array(0), proof).code).toBe('digest_mismatch');
  });

  test('every change of one bit of what is hashed is found', () => {
    const places = [
      ['salt'],
      ['inclusion', 'root'],
      ['inclusion', 'path', 0],
      ['inclusion', 'path', 1],
      ['log', 'root'],
      ['log', 'path', 0],
      ['log', 'path', 1],
    ] as const;
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.nat(127), (place, bit) => {
        const { digest, proof } = goodProof();
        const holder = place
          .slice(0, -1)
          .reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, proof);
        const key = String(place.at(-1));
        const bytes = fromHex(holder[key] as string);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        holder[key] = Buffer.from(bytes).toString('hex');
        expect(verifyStructure(digest, proof).ok).toBe(false);
      }),
    );
  });

  test('every other position, tree size, window and log size is found', () => {
    const { digest, proof } = goodProof();
    const { inclusion, log, window } = proof;
    for (let bit = 0; bit < 53; bit++) {
      const turn = (value: number) => Number(BigInt(value) ^ (1n << BigInt(bit)));
      const others: Record<string, Proof> = {
        leafIndex: { ...proof, inclusion: { ...inclusion!, leafIndex: turn(inclusion!.leafIndex) } },
        treeSize: { ...proof, inclusion: { ...inclusion!, treeSize: turn(inclusion!.treeSize) } },
        logIndex: { ...proof, log: { ...log!, index: turn(log!.index) } },
        window: { ...proof, window: { ...window, id: turn(window.id) } },
      };
      for (const [name, other] of Object.entries(others)) {
        expect({ name, bit, ok: verifyStructure(digest, other).ok }).toEqual({ name, bit, ok: false });
      }
    }
  });

  test('a blinded proof wants its blinding', () => {
    const { digest, proof } = proofCases.find(({ name }) => name === 'good: blinded digest')! as {
      digest: string;
      proof: Proof;
    };
    const blinding = proof.blinding!;
    expect(submittedDigest(fromHex(digest), proof)).toEqual(blindDigest(fromHex(digest), fromHex(blinding)));
    const { blinding: _, ...without } = proof;
    expect(verifyStructure(fromHex(digest), without).code).toBe('path_mismatch');
    expect(verifyStructure(fromHex(digest), { ...proof, blinding: '00'.repeat(16) }).code).toBe('path_mismatch');
  });

  test('another SHA-256 may stand in, and is the one that is used', () => {
    const { digest, proof } = goodProof();
    expect(verifyStructure(digest, proof, (_, out, at) => out.fill(0, at, at + 32)).code).toBe('path_mismatch');
  });
});

describe('verifyProof', () => {
  test('is ok when the chain says what the proof says', async () => {
    const { digest, proof } = goodProof();
    const verification = await verifyProof(digest, proof, () => [reader(onChain(proof))]);
    expect(verification).toMatchObject({ ok: true, code: 'ok', proof });
    expect(verification.checks.at(-1)).toEqual({
      name: 'anchor',
      ok: true,
      detail:
        'https://node.example: eip155:32769 holds the root in block 36400012, final, made at 2026-11-20T10:00:33.000Z',
    });
  });

  test('asks no chain where the proof itself does not hold', async () => {
    const { digest, proof } = goodProof();
    const readersOf = () => {
      throw new Error('asked');
    };
    expect((await verifyProof(digest, { ...proof, anchors: [] }, readersOf)).code).toBe('pending');
    expect((await verifyProof(digest, '', readersOf)).code).toBe('malformed_proof');
  });

  test.each<[string, (good: ChainTransaction) => Answer, string]>([
    ['has no such transaction', () => undefined, 'anchor_not_found'],
    ['has it failed', (good) => ({ ...good, succeeded: false }), 'anchor_mismatch'],
    ['has it without events', (good) => ({ ...good, anchored: [] }), 'anchor_mismatch'],
    [
      'has the event of another contract',
      (good) => ({ ...good, anchored: [{ ...good.anchored[0]!, contract: `0x${'12'.repeat(20)}` }] }),
      'anchor_mismatch',
    ],
    [
      'has another root',
      (good) => ({ ...good, anchored: [{ ...good.anchored[0]!, root: '12'.repeat(32) }] }),
      'anchor_mismatch',
    ],
    [
      'has another window',
      (good) => ({ ...good, anchored: [{ ...good.anchored[0]!, window: 2n ** 64n - 1n }] }),
      'anchor_mismatch',
    ],
    ['has it in another block number', (good) => ({ ...good, block: { ...good.block, number: 1 } }), 'anchor_mismatch'],
    [
      'has it in another block',
      (good) => ({ ...good, block: { ...good.block, hash: `0x${'12'.repeat(32)}` } }),
      'anchor_mismatch',
    ],
    [
      'has another time',
      (good) => ({ ...good, block: { ...good.block, timeMs: good.block.timeMs + 1000 } }),
      'anchor_mismatch',
    ],
    ['has it in a block that is not final', (good) => ({ ...good, final: false }), 'not_final'],
    ['has it otherwise, and not final', (good) => ({ ...good, final: false, succeeded: false }), 'anchor_mismatch'],
    ['does not answer', () => silent, 'chain_unreachable'],
  ])('when the chain %s', async (_, change, code) => {
    expect(await outcome([change(onChain(goodProof().proof))])).toBe(code);
  });

  test('root and window must be of one event, not of two', async () => {
    const { proof } = goodProof();
    const good = onChain(proof);
    const [event] = good.anchored as [ChainTransaction['anchored'][number]];
    const split = [
      { ...event, root: '12'.repeat(32) },
      { ...event, window: 1n },
    ];
    expect(await outcome([{ ...good, anchored: split }])).toBe('anchor_mismatch');
    expect(await outcome([{ ...good, anchored: [...split, event] }])).toBe('ok');
  });

  test('addresses and hashes are compared by value, not by the case or prefix they are printed in', async () => {
    const { proof } = goodProof();
    const good = onChain(proof);
    const contract = good.anchored[0]!.contract.toUpperCase().replace('0X', '0x');
    const hash = good.block.hash.slice(2).toUpperCase();
    const printed = { ...good, block: { ...good.block, hash }, anchored: [{ ...good.anchored[0]!, contract }] };
    expect(await outcome([printed])).toBe('ok');
  });

  test('every endpoint must agree; where they differ the first code in the order of the list is the outcome', async () => {
    const good = onChain(goodProof().proof);
    const failed = { ...good, succeeded: false };
    const waiting = { ...good, final: false };
    expect(await outcome([good, good, good])).toBe('ok');
    expect(await outcome([good, undefined])).toBe('anchor_not_found');
    expect(await outcome([silent, good])).toBe('chain_unreachable');
    expect(await outcome([silent, waiting])).toBe('not_final');
    expect(await outcome([silent, waiting, failed])).toBe('anchor_mismatch');
    expect(await outcome([silent, waiting, failed, undefined, good])).toBe('anchor_not_found');
  });

  test('tells every endpoint by itself', async () => {
    const { digest, proof } = goodProof();
    const readers = [reader(onChain(proof), 'https://a.example'), reader(silent, 'https://b.example')];
    const { checks } = await verifyProof(digest, proof, () => readers);
    expect(checks.filter(({ name }) => name === 'anchor')).toEqual([
      { name: 'anchor', ok: true, detail: expect.stringMatching(/^https:\/\/a\.example: /) },
      { name: 'anchor', ok: false, detail: 'https://b.example: no answer' },
    ]);
  });

  test('a chain without an endpoint is chain_unreachable, never ok', async () => {
    const { digest, proof } = goodProof();
    const verification = await verifyProof(digest, proof, () => []);
    expect(verification).toMatchObject({
      code: 'chain_unreachable',
      message: 'no endpoint is known for chain eip155:32769: name one',
    });
  });

  test('of several anchors each must hold', async () => {
    const { digest, proof } = goodProof();
    const [first] = anchorsOf(proof) as [Anchor];
    const second = { ...first, chain: 'eip155:33101', transaction: `0x${'34'.repeat(32)}` } as Anchor;
    const both = { ...proof, anchors: [first, second] };
    const answers = (second: Answer) =>
      verifyProof(digest, both, (chain) => [reader(chain === first.chain ? onChain(proof) : second)]);
    expect((await answers(onChain(proof))).code).toBe('ok');
    expect((await answers(undefined)).code).toBe('anchor_not_found');
    const asked: string[] = [];
    await verifyProof(digest, both, () => [reader((id) => void asked.push(id))]);
    expect(asked).toEqual([first.transaction, second.transaction]);
  });

  test('an anchor of a later kind beside a good one is unsupported, not passed over', async () => {
    const { digest, proof } = goodProof();
    const withLater = { ...proof, anchors: [...proof.anchors, { type: 'bitcoin', height: 1 }] };
    expect(await verifyProof(digest, withLater, () => [reader(onChain(proof))])).toMatchObject({
      code: 'unsupported_format',
      message: 'the anchor type "bitcoin" is not known to this program',
    });
  });

  test('a fault of the program is thrown, not told as an outcome', async () => {
    const { digest, proof } = goodProof();
    await expect(verifyProof(digest, proof, () => [reader(new TypeError('a bug'))])).rejects.toThrow('a bug');
  });
});
