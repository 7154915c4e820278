import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { anchorsCode, anchorsCodeSha256, anchorsInit } from './index.js';

// No interpreter runs here. What can be held to the recorded session by the text alone is held to it.

interface Value {
  vname: string;
  type: string;
}
interface Session {
  init: (Value & { value: string })[];
  steps: {
    exit: number;
    stateBefore: Value[];
    message: { _tag: string; params: Value[] };
    output: { events?: { _eventname: string; params: Value[] }[]; errors?: { error_message: string }[] };
  }[];
}
const session = JSON.parse(
  readFileSync(new URL('../../../vectors/scilla-anchor.json', import.meta.url), 'utf8'),
) as Session;
const code = anchorsCode.replace(/\(\*[\s\S]*?\*\)/g, '').replace(/\s+/g, ' ');
const done = session.steps.filter(({ exit }) => exit === 0);

const parameters = (values: readonly Value[]) => values.map(({ vname, type }) => `${vname} : ${type}`).join(', ');

test('the fields are those of the session, in name and type', () => {
  const fields = [...code.matchAll(/field (\w+) : ([^=]+) = /g)].map(([, vname, type]) => ({ vname, type: type! }));
  const recorded = session.steps[0]!.stateBefore.filter(({ vname }) => vname !== '_balance');
  expect(fields).toEqual(recorded.map(({ vname, type }) => ({ vname, type })));
});

test('the transitions take the parameters of the session, in their order', () => {
  const transitions = new Map(
    [...code.matchAll(/transition (\w+) \(([^)]*)\)/g)].map(([, tag, given]) => [tag!, given]),
  );
  expect([...transitions.keys()].sort()).toEqual(['AcceptOwnership', 'Anchor', 'TransferOwnership']);
  for (const { message } of done) expect(transitions.get(message._tag)).toBe(parameters(message.params));
});

test('the events have the entries of the session, in their order', () => {
  const events = new Map(
    [...code.matchAll(/\{ _eventname : "(\w+)"; ([^}]*)\}/g)].map(([, name, entries]) => [
      name!,
      entries!.split(';').map((entry) => entry.split(':')[0]!.trim()),
    ]),
  );
  const recorded = done.flatMap(({ output }) => output.events ?? []);
  for (const { _eventname, params } of recorded) {
    expect(events.get(_eventname)).toEqual(params.map(({ vname }) => vname));
  }
  expect(new Set(recorded.map(({ _eventname }) => _eventname))).toEqual(new Set(events.keys()));
});

test('it throws the exceptions of the session and no other', () => {
  const thrown = [...code.matchAll(/_exception : "(\w+)"/g)].map(([, name]) => name!);
  const recorded = session.steps.flatMap(({ output }) => output.errors ?? []);
  const names = recorded.flatMap(({ error_message }) => /String "(\w+)"/.exec(error_message)?.[1] ?? []);
  expect(new Set(thrown)).toEqual(new Set(names));
});

test('a deployment gives the init parameters of the session, but for those that the chain adds', () => {
  const added = ['_this_address', '_creation_block'];
  const [version, owner] = session.init.filter(({ vname }) => !added.includes(vname));
  expect(anchorsInit(owner!.value)).toEqual([version, owner]);
  expect(code).toContain(`contract ChronosAnchors ( initial_owner : ByStr20 )`);
});

describe('the source', () => {
  test('is ASCII: zilliqa-js signs one byte a character', () => {
    expect(anchorsCode).toMatch(/^[\n -~]*$/);
  });

  test('is closed where it is opened', () => {
    const count = (pattern: RegExp) => code.match(pattern)?.length ?? 0;
    expect(count(/\b(transition|procedure|match)\b/g)).toBe(count(/\bend\b/g));
    expect(count(/\{/g)).toBe(count(/\}/g));
  });

  test('has a SHA-256', () => {
    expect(anchorsCodeSha256).toMatch(/^[0-9a-f]{64}$/);
  });
});
