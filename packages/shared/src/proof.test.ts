import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ChronosError } from './errors.js';
import { goodProof, proofCases } from './fixtures/vectors.js';
import { formatProof, isComplete } from './parsed-proof.js';
import { parseProof, type Proof } from './proof.js';

type Loose = Record<string, unknown>;

function refusal(input: unknown): ChronosError {
  try {
    parseProof(input);
  } catch (error) {
    if (error instanceof ChronosError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

/** The good proof with the value at `path` replaced, or taken away where it is undefined. */
function withField(path: string, value: unknown): unknown {
  const { proof } = goodProof();
  const keys = path.split('.');
  const last = keys.pop()!;
  const holder = keys.reduce<Loose>((object, key) => object[key] as Loose, proof);
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return proof;
}

const HEX64 = 'ab'.repeat(32);
const BLOCK = { number: 1, hash: `0x${HEX64}`, time: '2026-11-20T10:00:33.000Z' };
const ANCHOR = {
  type: 'zilliqa-evm',
  chain: 'eip155:1',
  contract: `0x${'ab'.repeat(20)}`,
  transaction: `0x${HEX64}`,
  block: BLOCK,
};

describe('parseProof', () => {
  test.each(proofCases.filter(({ expect: outcome }) => outcome !== 'malformed_proof'))('takes $name', ({ proof }) => {
    expect(parseProof(proof)).toEqual(proof);
    expect(parseProof(JSON.stringify(proof))).toEqual(proof);
  });

  test.each(proofCases.filter(({ expect: outcome }) => outcome === 'malformed_proof'))('refuses $name', ({ proof }) => {
    expect(refusal(proof)).toMatchObject({ code: 'malformed_proof' });
  });

  test.each([
    ['format', undefined],
    ['format', 1],
    ['digest', undefined],
    ['digest', HEX64],
    ['digest.algorithm', undefined],
    ['digest.value', HEX64.toUpperCase()],
    ['digest.value', `${HEX64}\n`],
    ['blinding', 'ab'],
    ['blinding', null],
    ['salt', undefined],
    ['salt', `0x${'ab'.repeat(16)}`],
    ['receivedAt', '2026-11-20'],
    ['receivedAt', '2026-11-20T10:00:03Z'],
    ['receivedAt', '2026-11-20T10:00:03.000+00:00'],
    ['receivedAt', '2026-02-29T10:00:03.000Z'],
    ['receivedAt', '+012026-11-20T10:00:03.000Z'],
    ['receivedAt', 1795171200],
    ['window', []],
    ['window.id', '1795171200'],
    ['window.id', -1],
    ['window.id', 2 ** 53],
    ['window.id', 1e400],
    ['window.id', NaN],
    ['window.seconds', 0],
    ['window.seconds', 0.5],
    ['inclusion.leafIndex', 1.5],
    ['inclusion.leafIndex', true],
    ['inclusion.treeSize', null],
    ['inclusion.path', null],
    ['inclusion.path', HEX64],
    ['inclusion.path', [1]],
    ['inclusion.path', new Array(65).fill(HEX64)],
    ['inclusion.root', undefined],
    ['log.index', -1],
    ['log.treeSize', '18'],
    ['log.path', {}],
    ['log.root', ''],
    ['anchors', undefined],
    ['anchors', {}],
    ['anchors', new Array(17).fill(ANCHOR)],
    ['anchors.0', null],
    ['anchors.0.type', undefined],
    ['anchors.0.chain', 'eip155:0x8001'],
    ['anchors.0.chain', 'zilliqa:1'],
    ['anchors.0.contract', `0x${'ab'.repeat(21)}`],
    ['anchors.0.transaction', HEX64],
    ['anchors.0.block', undefined],
    ['anchors.0.block.number', '1'],
    ['anchors.0.block.hash', '0x1'],
    ['anchors.0.block.time', '2026-11-20T10:00:33Z'],
  ])('names the field where %s is %j', (path, value) => {
    const field = path.replace(/\.(\d+)/g, '[$1]');
    const error = refusal(withField(path, value));
    expect(error.code).toBe('malformed_proof');
    expect(error.message.startsWith(field)).toBe(true);
    expect(error.message).not.toMatch(/Invalid input$/);
  });

  test.each([null, undefined, 0, '', 'null', '[]', '{}', '"text"', '{', '{"format":', 'chronos-proof/1'])(
    'refuses %j',
    (input) => {
      expect(refusal(input).code).toBe('malformed_proof');
    },
  );

  test('refuses inclusion and log without each other, and anchors without them', () => {
    expect(refusal(withField('log', undefined)).message).toMatch(/one of inclusion and log without the other/);
    expect(refusal(withField('inclusion', undefined)).message).toMatch(/one of inclusion and log without the other/);
    const { proof } = goodProof();
    delete proof.inclusion;
    delete proof.log;
    expect(refusal(proof).message).toMatch(/has anchors but no inclusion/);
  });

  test('hints at the format where a file of a later one cannot be read', () => {
    const later = { format: 'chronos-proof/2', digest: HEX64 };
    expect(refusal(later).message).toContain('its format is "chronos-proof/2"; this program knows chronos-proof/1');
    expect(refusal(JSON.stringify(later)).message).toContain('"chronos-proof/2"');
    expect(refusal({ format: 'x'.repeat(10_000) }).message.length).toBeLessThan(300);
  });

  test('takes anchors of the native chain as its API prints them', () => {
    const scilla = { ...ANCHOR, type: 'zilliqa-scilla', chain: 'zilliqa:1', block: { ...BLOCK, hash: HEX64 } };
    const contracts = ['zil1fwh4ltdguhde9s7nysnp33d5wye6uqpugufkz7', 'ab'.repeat(20), `0x${'AB'.repeat(20)}`];
    for (const contract of contracts) {
      expect(parseProof(withField('anchors.0', { ...scilla, contract })).anchors[0]).toMatchObject({ contract });
    }
    expect(refusal(withField('anchors.0', { ...scilla, contract: 'zil1short' })).message).toBe(
      'anchors[0].contract: must be a Zilliqa address',
    );
  });

  test('takes an anchor of a later kind, which the verifier then tells', () => {
    const later = { type: 'bitcoin', height: 900_000 };
    expect(parseProof(withField('anchors.0', later)).anchors).toEqual([later]);
  });
});

describe('hostile files', () => {
  test('a __proto__ key changes neither the proof nor anything else', () => {
    const text = JSON.stringify(goodProof().proof).replace('{', '{"__proto__":{"blinding":"x","polluted":true},');
    const proof = parseProof(text);
    expect(proof.blinding).toBeUndefined();
    expect('polluted' in proof).toBe(false);
    expect('polluted' in {}).toBe(false);
    const inner = JSON.stringify(goodProof().proof).replace('"window":{', '"window":{"__proto__":{"polluted":true},');
    expect('polluted' in parseProof(inner).window).toBe(false);
  });

  test('keys named like methods are kept as they are', () => {
    const odd = { ...goodProof().proof, constructor: 1, toString: 'x', hasOwnProperty: null };
    expect(parseProof(odd)).toEqual(odd);
  });

  test('of duplicate keys the last one counts, as JSON.parse has it', () => {
    const text = JSON.stringify(goodProof().proof).replace('"salt":', '"salt":"zz","salt":');
    expect(parseProof(text).salt).toBe(goodProof().proof.salt);
  });

  test('a number is its value: 1.0 and 1e0 are 1, -0 is 0, and what is no safe integer is refused', () => {
    const text = (number: string) =>
      JSON.stringify(goodProof().proof).replace('"leafIndex":1', `"leafIndex":${number}`);
    for (const one of ['1', '1.0', '1e0', '10e-1']) expect(parseProof(text(one)).inclusion?.leafIndex).toBe(1);
    expect(BigInt(parseProof(text('-0')).inclusion!.leafIndex)).toBe(0n);
    for (const bad of ['1e400', '-1e400', '9007199254740992', '1.5', '-1']) {
      expect(refusal(text(bad)).message).toMatch(/^inclusion\.leafIndex/);
    }
  });

  test('nesting deeper than any stack is refused, and what is taken can be written again', () => {
    const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    const text = (levels: number) => JSON.stringify(goodProof().proof).replace('{', `{"x":${deep(levels)},`);
    expect(refusal(text(100_000)).message).toBe('the proof is nested deeper than 64 levels');
    expect(refusal(JSON.parse(text(100_000))).code).toBe('malformed_proof');
    expect(formatProof(parseProof(text(60)))).toContain('"x"');
  });

  test('huge texts and huge lists are refused', () => {
    expect(refusal(`{"x":"${'y'.repeat(2 ** 20)}"}`).message).toMatch(/too large/);
    expect(refusal(withField('inclusion.path', new Array(100_000).fill(HEX64))).message).toMatch(/^inclusion\.path/);
    expect(refusal(withField('anchors', new Array(100_000).fill(ANCHOR))).message).toMatch(/^anchors/);
  });
});

describe('formatProof', () => {
  const hex = (bytes: number) =>
    fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((b) => Buffer.from(b).toString('hex'));
  const count = fc.maxSafeNat();
  const time = fc
    .date({ min: new Date(0), max: new Date(253402300799999), noInvalidDate: true })
    .map((date) => date.toISOString());
  const unknown = fc.dictionary(
    fc
      .string()
      .filter((key) => key !== '__proto__')
      .map((key) => `x-${key}`),
    fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown),
    { maxKeys: 3 },
  );
  const loose = <T extends object>(known: fc.Arbitrary<T>) =>
    fc.tuple(unknown, known).map(([more, own]) => ({ ...more, ...own }));
  const path = fc.array(hex(32), { maxLength: 64 });
  const anchor = loose(
    fc.record({
      type: fc.constant('zilliqa-evm' as const),
      chain: fc.integer({ min: 1 }).map((id) => `eip155:${id}`),
      contract: hex(20).map((text) => `0x${text}`),
      transaction: hex(32).map((text) => `0x${text}`),
      block: loose(fc.record({ number: count, hash: hex(32).map((text) => `0x${text}`), time })),
    }),
  );
  const open = {
    format: fc.constant('chronos-proof/1'),
    digest: loose(fc.record({ algorithm: fc.constant('sha256'), value: hex(32) })),
    salt: hex(16),
    receivedAt: time,
    window: loose(fc.record({ id: count, seconds: fc.integer({ min: 1 }) })),
  };
  const proofs: fc.Arbitrary<unknown> = fc.oneof(
    loose(fc.record({ ...open, anchors: fc.constant([]) })),
    loose(fc.record({ ...open, blinding: hex(16), anchors: fc.constant([]) })),
    loose(
      fc.record({
        ...open,
        inclusion: loose(fc.record({ leafIndex: count, treeSize: count, path, root: hex(32) })),
        log: loose(fc.record({ index: count, treeSize: count, path, root: hex(32) })),
        anchors: fc.array(anchor, { maxLength: 3 }),
      }),
    ),
  );

  test('is undone by parseProof, with unknown keys in every place', () => {
    fc.assert(
      fc.property(proofs, (proof) => {
        const text = formatProof(parseProof(proof));
        expect(parseProof(text)).toEqual(proof);
        expect(formatProof(parseProof(text))).toBe(text);
      }),
    );
  });

  test('ends with a line end and is indented by two', () => {
    expect(formatProof(goodProof().proof)).toMatch(/^\{\n {2}"format": "chronos-proof\/1",\n[^]*\n\}\n$/);
  });
});

test('a proof is complete once it has an anchor', () => {
  const { proof } = goodProof();
  expect(isComplete(proof)).toBe(true);
  expect(isComplete({ ...proof, anchors: [] } satisfies Proof)).toBe(false);
});
