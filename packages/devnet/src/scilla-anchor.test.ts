import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type AnchorState, initialState, type Param, runTransition } from './scilla-anchor.js';

interface Field {
  vname: string;
  value: string | { key: string; val: string }[];
}
interface Step {
  name: string;
  blockNumber: string;
  stateBefore: Field[];
  message: { _tag: string; _sender: string; params: Param[] };
  exit: number;
  output: {
    gas_remaining: string;
    _accepted?: string;
    messages?: unknown[];
    states?: Field[];
    events?: { _eventname: string; params: Param[] }[];
    errors?: { error_message: string }[];
  };
}

const { init, steps } = JSON.parse(
  readFileSync(new URL('../../../vectors/scilla-anchor.json', import.meta.url), 'utf8'),
) as { init: Param[]; steps: Step[] };

/** The session does not tell its gas limit; of this one the gas used is the same for each kind of step. */
const GAS_LIMIT = 10_000;

function readState(fields: readonly Field[]): AnchorState {
  const value = (name: string) => fields.find(({ vname }) => vname === name)!.value as string;
  const anchors = fields.find(({ vname }) => vname === 'anchors')!.value as { key: string; val: string }[];
  return {
    owner: value('owner'),
    pendingOwner: value('pending_owner'),
    latestRoot: value('latest_root'),
    latestWindow: BigInt(value('latest_window')),
    anchorCount: BigInt(value('anchor_count')),
    anchors: new Map(anchors.map(({ key, val }) => [key, BigInt(val)])),
  };
}

const runStep = (state: AnchorState, { message, blockNumber }: Step, gas = GAS_LIMIT) =>
  runTransition(
    state,
    { tag: message._tag, sender: message._sender, params: message.params },
    BigInt(blockNumber),
    gas,
  );

describe('the recorded session', () => {
  test.each(steps.map((step) => [step.name, step] as const))(
    '%s: gas, state, events and error are those recorded',
    (_name, step) => {
      const outcome = runStep(readState(step.stateBefore), step);
      expect(outcome.ok).toBe(step.exit === 0);
      expect(outcome.gasRemaining.toString()).toBe(step.output.gas_remaining);
      if (outcome.ok) {
        expect(outcome.state).toEqual(readState(step.output.states!));
        expect(outcome.events).toEqual(
          step.output.events!.map(({ _eventname, params }) => ({ name: _eventname, params })),
        );
        // What scilla-anchor.ts takes for granted of every transition.
        expect(step.output).toMatchObject({ _accepted: 'false', messages: [] });
      } else {
        const recorded = step.output.errors!.map(({ error_message }) => error_message);
        expect(outcome.errors[0]).toBe(recorded[0]);
        expect(outcome.errors.at(-1)).toBe(recorded.at(-1));
      }
    },
  );

  test('goes through from the deployment to the last step, each from what the one before left', () => {
    const owner = init.find(({ vname }) => vname === 'initial_owner')!.value;
    let state = initialState(owner);
    for (const step of steps) {
      expect(state).toEqual(readState(step.stateBefore));
      const outcome = runStep(state, step);
      if (outcome.ok) state = outcome.state;
    }
    expect(state.anchorCount).toBe(5n);
  });
});

const [first] = steps;
const before = readState(first!.stateBefore);
const withParams = (change: (params: Param[]) => Param[]) => ({
  ...first!,
  message: { ...first!.message, params: change(first!.message.params) },
});

test('nothing of the state before is changed', () => {
  const state = readState(first!.stateBefore);
  runStep(state, first!);
  expect(state).toEqual(before);
});

test('out of gas, all of it is used and nothing is done', () => {
  expect(runStep(before, first!, 126)).toEqual({ ok: false, gasRemaining: 0, errors: ['Ran out of gas'] });
  expect(runStep(before, first!, 127).ok).toBe(true);
});

test.each([
  ['a window beyond 64 bits', 'window', (1n << 64n).toString()],
  ['a window that is no number', 'window', '-1'],
  ['a root of 31 bytes', 'root', `0x${'11'.repeat(31)}`],
  ['a root without 0x', 'root', '11'.repeat(32)],
])('%s is refused', (_case, name, value) => {
  const step = withParams((params) => params.map((param) => (param.vname === name ? { ...param, value } : param)));
  expect(runStep(before, step).ok).toBe(false);
});

test('a parameter too many is refused', () => {
  const step = withParams((params) => [...params, { vname: 'memo', type: 'String', value: 'hello' }]);
  expect(runStep(before, step).ok).toBe(false);
});

test('a root is known in whatever letter case it was sent', () => {
  const step = withParams((params) =>
    params.map((param) => (param.vname === 'root' ? { ...param, value: `0x${'AB'.repeat(32)}` } : param)),
  );
  const outcome = runStep(before, step);
  expect(outcome.ok && [...outcome.state.anchors.keys()]).toEqual([`0x${'ab'.repeat(32)}`]);
});
