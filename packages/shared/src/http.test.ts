import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { exchange } from './http.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

// Apart, so that no closure keeps the signals that were joined.
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}

test('the time runs out under garbage collection, too, when the caller joins the signal to one of its own', async () => {
  const own = new AbortController();
  const hangs: typeof fetch = (_url, init) => untilAborted(AbortSignal.any([own.signal, init!.signal!]));
  let ended = false;
  const asking = exchange('http://nobody', { method: 'GET', headers: {} }, { timeoutMs: 50, fetch: hangs }).finally(
    () => (ended = true),
  );
  const refusal = expect(asking).rejects.toThrow('gave no answer within 50 ms');
  for (let turn = 0; turn < 1000 && !ended; turn++) {
    await setImmediate();
    collectGarbage();
  }
  await refusal;
});
