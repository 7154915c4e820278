import { createHash } from 'node:crypto';
import {
  ChronosError,
  entryHash,
  fromHex,
  leafHash,
  ownProof,
  type Proof,
  proofFromReceipt,
  type ProofReply,
  type Receipt,
  submittedOf,
  toHex,
  windowRecord,
} from '@chronos/shared';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Memory } from './memory.js';
import type { Stamp } from './stamp.js';
import { Stamps } from './stamps.js';

// What a document goes through when the service, or the browser, does not do what it should. The service here is a small one that keeps its rules:
// it takes digests into windows of one, and its proofs hold.

const SALT = '5a'.repeat(16);
const DIGEST = createHash('sha256').update('a document').digest('hex');
const RECEIVED = '2023-11-14T22:13:21.000Z';
const WINDOW = { id: 1_700_000_000, seconds: 10 };

class SmallService {
  known = new Set<string>();
  submissions = 0;
  /** Thrown by the next calls of that name, one each. */
  faults: Record<'submit' | 'proof' | 'proofs', unknown[]> = { submit: [], proof: [], proofs: [] };
  /** Changes what is served. */
  forge = (proof: Proof): Proof => proof;

  submit(digests: readonly string[]): Promise<{ items: Receipt[] }> {
    return this.answer('submit', () => {
      this.submissions++;
      const items = digests.map((digest): Receipt => {
        const status = this.known.has(digest) ? 'exists' : 'accepted';
        this.known.add(digest);
        const window = { ...WINDOW, closesAt: '2023-11-14T22:13:30.000Z' };
        return {
          ...{ digest, status, salt: SALT, receivedAt: RECEIVED, window },
          proofUrl: `/api/v1/proofs/${digest}`,
        };
      });
      return { items };
    });
  }

  proof(digest: string): Promise<ProofReply> {
    return this.answer('proof', () => {
      if (!this.known.has(digest)) throw new ChronosError('unknown_digest', 'this digest is not known');
      return { complete: true, proof: this.forge(completeProof(digest)) };
    });
  }

  proofs(digests: readonly string[]) {
    return this.answer('proofs', () => ({
      items: digests.map((digest) =>
        this.known.has(digest)
          ? { digest, status: 'final' as const, proof: this.forge(completeProof(digest)) }
          : { digest, status: 'unknown' as const, proof: null },
      ),
    }));
  }

  window(): Promise<never> {
    return Promise.reject(new ChronosError('backend_unavailable', 'no news'));
  }

  private async answer<T>(call: keyof SmallService['faults'], make: () => T): Promise<T> {
    await Promise.resolve();
    const fault = this.faults[call].shift();
    if (fault !== undefined) throw fault as Error;
    return make();
  }
}

/** The proof of the only digest of a window that is the only one of the log. */
function completeProof(submitted: string): Proof {
  const root = leafHash(entryHash(fromHex(submitted), fromHex(SALT)));
  const logRoot = leafHash(windowRecord(WINDOW.id, 1, root));
  return {
    format: 'chronos-proof/1',
    digest: { algorithm: 'sha256', value: submitted },
    salt: SALT,
    receivedAt: RECEIVED,
    window: WINDOW,
    inclusion: { leafIndex: 0, treeSize: 1, path: [], root: toHex(root) },
    log: { index: 0, treeSize: 1, path: [], root: toHex(logRoot) },
    anchors: [
      {
        type: 'zilliqa-evm',
        chain: 'eip155:31337',
        contract: `0x${'11'.repeat(20)}`,
        transaction: `0x${'22'.repeat(32)}`,
        block: { number: 7, hash: `0x${'33'.repeat(32)}`, time: '2023-11-14T22:13:33.000Z' },
      },
    ],
  };
}

class KeepingMemory implements Memory {
  kept = new Map<string, Stamp>();
  load = () => Promise.resolve([...this.kept.values()]);
  keep = (stamps: readonly Stamp[]) => {
    for (const stamp of stamps) this.kept.set(stamp.id, structuredClone(stamp));
    return Promise.resolve();
  };
  forget = (ids: readonly string[]) => {
    for (const id of ids) this.kept.delete(id);
    return Promise.resolve();
  };
  forgetAll = () => {
    this.kept.clear();
    return Promise.resolve();
  };
}

/** As a private window is: nothing can be opened. */
const FORGETFUL: Memory = {
  load: () => Promise.reject(new Error('the browser keeps nothing')),
  keep: () => Promise.reject(new Error('the browser keeps nothing')),
  forget: () => Promise.reject(new Error('the browser keeps nothing')),
  forgetAll: () => Promise.reject(new Error('the browser keeps nothing')),
};

beforeAll(() => {
  // The little of a window and its document that waiting uses; nothing in these tests fires an event.
  Object.assign(globalThis, {
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    document: { visibilityState: 'visible' },
  });
});

async function start(service: SmallService, memory: Memory): Promise<Stamps> {
  const stamps = new Stamps({
    hasher: { hash: () => Promise.reject(new Error('no file is hashed here')) },
    memory,
    shared: () => Promise.resolve({ submittedOf, ownProof, proofFromReceipt }),
    client: () => Promise.resolve(service),
  });
  await stamps.load();
  return stamps;
}

/** Resolves when it is so. */
function until(stamps: Stamps, isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = stamps.subscribe(() => {
      if (!isSo()) return;
      stop();
      resolve();
    });
  });
}

const stageIs = (stamps: Stamps, stage: string) => until(stamps, () => stamps.items[0]?.stage === stage);

describe('a service that waits or refuses', () => {
  test.each([
    ['429', new ChronosError('rate_limited', 'too many requests', { retryAfterSeconds: 1 })],
    ['503', new ChronosError('overloaded', 'too much', { retryAfterSeconds: 1 })],
    ['no answer', new ChronosError('service_unreachable', 'nobody there')],
  ])('%s is no failure: it is told as away, and goes on by itself', async (_, fault) => {
    const service = new SmallService();
    service.faults.submit.push(fault);
    const stamps = await start(service, new KeepingMemory());
    stamps.addDigests([DIGEST], { blind: false });
    await until(stamps, () => stamps.isAway);
    expect(stamps.items[0]?.stage).toBe('hashed');
    await stageIs(stamps, 'final');
    expect([stamps.isAway, service.submissions, stamps.items[0]?.fault]).toEqual([false, 1, undefined]);
  });

  test('the same while the proof is waited for', async () => {
    const service = new SmallService();
    service.faults.proof.push(new ChronosError('overloaded', 'too much', { retryAfterSeconds: 1 }));
    const stamps = await start(service, new KeepingMemory());
    stamps.addDigests([DIGEST], { blind: false });
    await until(stamps, () => stamps.isAway);
    expect(stamps.items[0]?.stage).toBe('submitted');
    await stageIs(stamps, 'final');
  });

  test('a no is told, and tried again on request', async () => {
    const service = new SmallService();
    service.faults.submit.push(new ChronosError('request_too_large', 'too long'));
    const stamps = await start(service, new KeepingMemory());
    stamps.addDigests([DIGEST], { blind: false });
    await stageIs(stamps, 'failed');
    expect(stamps.items[0]?.fault).toEqual({ kind: 'refused', message: 'too long' });
    stamps.retry(stamps.items[0]!.id);
    await stageIs(stamps, 'final');
  });
});

test('a digest that the service lost is stamped anew, under the same blinding', async () => {
  const service = new SmallService();
  service.faults.proof.push(new ChronosError('service_unreachable', 'it restarts'));
  const memory = new KeepingMemory();
  const stamps = await start(service, memory);
  stamps.addDigests([DIGEST], { blind: true });
  await until(stamps, () => stamps.isAway);
  const [submitted] = service.known;
  service.known.clear();
  await stageIs(stamps, 'final');
  expect(service.submissions).toBe(2);
  expect([...service.known]).toEqual([submitted]);
  expect(submitted).not.toBe(DIGEST);
  const [kept] = memory.kept.values();
  expect([kept?.proof?.digest.value, kept?.proof?.blinding]).toEqual([DIGEST, kept?.blinding]);
});

test('a proof that does not hold is told, and not kept', async () => {
  const service = new SmallService();
  service.forge = (proof) => ({ ...proof, salt: '00'.repeat(16) });
  const memory = new KeepingMemory();
  const stamps = await start(service, memory);
  stamps.addDigests([DIGEST], { blind: false });
  await stageIs(stamps, 'failed');
  expect(stamps.items[0]?.fault?.kind).toBe('proof');
  expect([...memory.kept.values()].map(({ proof }) => proof?.anchors)).toEqual([[]]);
});

test('a browser that keeps nothing is told of, and stamps all the same', async () => {
  const stamps = await start(new SmallService(), FORGETFUL);
  expect(stamps.isForgetful).toBe(true);
  stamps.addDigests([DIGEST], { blind: true });
  await stageIs(stamps, 'final');
  await stamps.forgetAll();
  await until(stamps, () => stamps.items.length === 0);
});

test('what was kept before it was submitted is submitted on the next visit', async () => {
  const memory = new KeepingMemory();
  await memory.keep([{ id: '1', name: 'a.txt', digest: DIGEST, addedAtMs: 1 }]);
  const stamps = await start(new SmallService(), memory);
  await stageIs(stamps, 'final');
  expect(memory.kept.get('1')?.proof?.anchors.length).toBe(1);
});
