import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { fromHex, parseProof, verifyStructure } from '@chronos/shared';
import { openBench } from '../test-support/anchoring-bench.js';
import { startAnvil } from '../test-support/anvil.js';
import { liveStore } from '../test-support/live-store.js';
import { exportLines } from './export.js';

test('every closed window is a line, and every proof of a final one, as the service gives it, while the store is in use', async () => {
  const anvil = await startAnvil();
  const bench = await openBench(anvil);
  try {
    const live = liveStore(bench, join(bench.folder, 'live'));
    await live.close(1, 20, 300);
    await live.anchor();
    await live.close(2); // not final
    await live.open(3);
    const options = { folder: live.folder, fromWindow: 0, windowsOnly: false, clock: bench.clock };
    await live.run(async ({ proofs }) => {
      const lines = [...exportLines(options)];
      const windows = lines.filter((line) => line.startsWith('{"window"')).map((line) => JSON.parse(line).window);
      expect(windows.map(({ status, treeSize }) => [status, treeSize])).toEqual([
        ['final', 1],
        ['final', 21],
        ['final', 301],
        ['closed', 3],
      ]);
      const exported = lines.filter((line) => line.startsWith('{"proof":'));
      expect(exported.length).toBe(1 + 21 + 301);
      for (const line of exported) {
        const text = line.slice('{"proof":'.length, -1);
        const proof = parseProof(text);
        const digest = fromHex(proof.digest.value);
        expect(Buffer.from(proofs.item(digest).json).toString()).toBe(text);
        expect(verifyStructure(digest, proof)).toMatchObject({ ok: true });
      }
      expect([...exportLines({ ...options, fromWindow: Number(windows[1].id) + 1 })].length).toBe(1 + 301 + 1);
      expect([...exportLines({ ...options, windowsOnly: true })].length).toBe(4);
    });
  } finally {
    bench.dispose();
    await anvil.stop();
  }
}, 120_000);
