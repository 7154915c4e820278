import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fromHex, toHex } from './bytes.js';
import { ANCHORED_TOPIC } from './evm-reader.js';
import { entryHash, windowRecord } from './hash-rules.js';
import { leafHash, nodeHash } from './merkle.js';
import { NETWORKS } from './networks.js';
import { digestExample, proofExample } from './openapi-examples.js';
import { MAX_ANCHORS, MAX_PATH_ELEMENTS, parseProof, proofSchema } from './proof.js';
import { VERIFY_CODES } from './verify-codes.js';
import { verifyStructure } from './verify-proof.js';

const documentation = readFileSync(new URL('../../../docs/proof-format.md', import.meta.url), 'utf8');

describe('docs/proof-format.md', () => {
  test('shows a proof that holds', () => {
    const [, shown] = /```json\n([^]*?)```/.exec(documentation)!;
    expect(parseProof(shown)).toEqual(proofExample);
    expect(verifyStructure(fromHex(digestExample), shown).code).toBe('ok');
  });

  test('works its example with the right bytes', () => {
    const { salt, window, inclusion, log } = proofExample;
    const entry = entryHash(fromHex(digestExample), fromHex(salt));
    const leaf = leafHash(entry);
    const record = windowRecord(window.id, inclusion!.treeSize, fromHex(inclusion!.root));
    const steps = {
      submitted: digestExample,
      entry: toHex(entry),
      leaf: toHex(leaf),
      '          ': toHex(nodeHash(fromHex(inclusion!.path[0]!), leaf)),
      root: inclusion!.root,
      record: toHex(record),
      'log leaf': toHex(leafHash(record)),
      '           ': toHex(nodeHash(fromHex(log!.path[0]!), leafHash(record))),
      'log root': log!.root,
    };
    const shown = [
      ...documentation.matchAll(/^ {4}(submitted|entry|leaf|root|record|log leaf|log root| {10}) +([0-9a-f]{64,})$/gm),
    ];
    expect(shown.map(([, , bytes]) => bytes)).toEqual(Object.values(steps));
  });

  test('lists the outcomes in the order of the checks', () => {
    const table = documentation.split('## Checking')[1]!.split('### ')[0]!;
    expect([...table.matchAll(/^\| `(\w+)`/gm)].map(([, code]) => code)).toEqual(VERIFY_CODES);
  });

  test('lists every field of a proof, and the limits', () => {
    const fields = [...documentation.matchAll(/^\| `([\w.[\]]+)` +\| /gm)].map(([, field]) => field!.split(/[.[]/)[0]!);
    expect(new Set(fields.slice(0, fields.lastIndexOf('anchors') + 1))).toEqual(
      new Set(Object.keys(proofSchema.shape)),
    );
    expect(documentation).toContain(`list of hex 32, at most ${MAX_PATH_ELEMENTS}`);
    expect(documentation).toContain(`list of objects, at most ${MAX_ANCHORS}`);
  });

  test("names the event's topic and the public endpoints as the program has them", () => {
    expect(documentation.split(ANCHORED_TOPIC)).toHaveLength(3);
    for (const { name, rpcUrls } of NETWORKS) if (name !== 'local') expect(documentation).toContain(rpcUrls[0]);
  });
});
