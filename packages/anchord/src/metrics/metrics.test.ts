import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createContext, type Context } from '../context.js';
import { createMetricsApi } from '../http/metrics-api.js';
import { createPrivateApi } from '../http/private-api.js';
import { createLogger } from '../logger.js';
import { CHAIN } from '../test-support/anchoring-bench.js';
import { FakeClock } from '../test-support/fake-clock.js';
import { scriptedChain } from '../test-support/scripted-chain.js';
import { admit, randomDigests } from '../test-support/services.js';
import { temporaryFolder } from '../test-support/temporary.js';
import { tokensIn } from '../test-support/tokens.js';
import { createMetrics, type Metrics } from './metrics.js';
import { countingObservers } from './observers.js';
import { readState } from './state.js';

const TOKEN = 'a-token-of-the-private-network-long-enough';
const logger = createLogger('silent');
const WINDOW = 1_795_171_200;

let temporary: ReturnType<typeof temporaryFolder>;
let clock: FakeClock;
let metrics: Metrics;
let context: Context;
let servers: Server[];

beforeEach(async () => {
  temporary = temporaryFolder();
  clock = new FakeClock(WINDOW * 1000 + 3_000);
  metrics = createMetrics('1.2.3');
  servers = [];
  context = await createContext({
    ...{ dataDir: temporary.folder, clock, logger, observers: countingObservers(metrics), version: '1.2.3' },
    ...{ windowSeconds: 10, maxWindowDigests: 1_000_000, reserveBytes: 0, chains: [scriptedChain()] },
    onFailure: (error) => {
      throw error;
    },
  });
});

afterEach(async () => {
  for (const server of servers) server.close();
  await context.close();
  temporary.remove();
});

async function serve(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The samples that begin with `chronos_`: name and labels, and value. */
async function scrape(): Promise<Record<string, number>> {
  const { views, collector, anchors, anchorers, storeWatch } = context;
  const sources = { dataDir: temporary.folder, views, collector, anchors, storeWatch, chains: anchorers };
  const url = await serve(
    createMetricsApi({ registry: metrics.registry, readState: () => readState(metrics, sources), logger }),
  );
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const lines = (await response.text()).split('\n').filter((line) => line.startsWith('chronos_'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

test('digests and commits are counted as they were answered', async () => {
  const [first, second, third] = randomDigests(3);
  await admit(context, [first!, second!]);
  await admit(context, [second!, third!]);
  expect(await scrape()).toMatchObject({
    'chronos_digests_total{status="accepted"}': 3,
    'chronos_digests_total{status="exists"}': 1,
    chronos_commit_duration_seconds_count: 2,
    chronos_commit_digests_sum: 4,
    chronos_open_window_digests: 3,
    chronos_waiting_digests: 0,
    [`chronos_build_info{version="1.2.3",node="${process.version}"}`]: 1,
  });
});

test('what is not anchored yet is told by chain, with its age, until it is final', async () => {
  await admit(context, randomDigests(2));
  await clock.advance(7_000);
  await context.closer.settled();
  await clock.advance(50_000);
  const waiting = await scrape();
  expect(waiting).toMatchObject({
    chronos_anchoring_lag_seconds: 50,
    [`chronos_chain_unanchored_windows{chain="${CHAIN}"}`]: 1,
    [`chronos_chain_oldest_unanchored_window_timestamp_seconds{chain="${CHAIN}"}`]: WINDOW,
    [`chronos_chain_required{chain="${CHAIN}"}`]: 1,
    chronos_window_close_duration_seconds_count: 1,
  });
  expect(waiting).not.toHaveProperty([`chronos_chain_balance_zil{chain="${CHAIN}"}`]); // not asked yet

  const final = context.finalWatch.waitFor(WINDOW, new AbortController().signal);
  for (const { anchorer } of context.anchorers) anchorer.start();
  while (!(await Promise.race([final, clock.advance(5_000).then(() => false)])));
  const anchored = await scrape();
  expect(anchored).toMatchObject({
    chronos_anchoring_lag_seconds: 0,
    [`chronos_chain_unanchored_windows{chain="${CHAIN}"}`]: 0,
    [`chronos_chain_state{chain="${CHAIN}",state="ok"}`]: 1,
    [`chronos_chain_state{chain="${CHAIN}",state="stopped"}`]: 0,
    [`chronos_chain_balance_zil{chain="${CHAIN}"}`]: 7e-18,
    [`chronos_chain_anchor_cost_zil{chain="${CHAIN}"}`]: 2e-18,
    [`chronos_chain_anchors_affordable{chain="${CHAIN}"}`]: 3,
    [`chronos_chain_final_height{chain="${CHAIN}"}`]: 10,
    [`chronos_chain_paused{chain="${CHAIN}"}`]: 0,
    [`chronos_chain_events_total{chain="${CHAIN}",event="signed"}`]: 1,
    [`chronos_chain_events_total{chain="${CHAIN}",event="final"}`]: 1,
  });
  expect(anchored).not.toHaveProperty([`chronos_chain_oldest_unanchored_window_timestamp_seconds{chain="${CHAIN}"}`]);
});

test('refused calls and proofs are counted by what they came to', async () => {
  const url = await serve(
    createPrivateApi({ ...context, isAllowed: tokensIn(temporary.folder, 'token', TOKEN).isAllowed, logger }),
  );
  const ask = (path: string, token: string, body: Uint8Array<ArrayBuffer>) =>
    fetch(url + path, {
      ...{ method: 'POST', body },
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    });
  const [known, unknown] = randomDigests(2);
  await admit(context, [known!]);
  expect((await ask('/digests', 'wrong', new Uint8Array(32))).status).toBe(401);
  expect((await ask('/digests', TOKEN, new Uint8Array(31))).status).toBe(400);
  expect((await ask('/proofs', TOKEN, new Uint8Array(Buffer.concat([known!, unknown!, known!])))).status).toBe(200);
  expect(await scrape()).toMatchObject({
    'chronos_refused_calls_total{listener="private",code="unauthorized"}': 1,
    'chronos_refused_calls_total{listener="private",code="invalid_request"}': 1,
    'chronos_proofs_total{status="collecting"}': 2,
    'chronos_proofs_total{status="unknown"}': 1,
  });
});

test('the files of the store and what is free on its disk are told in bytes', async () => {
  await admit(context, randomDigests(1));
  const samples = await scrape();
  expect(samples['chronos_store_bytes{file="chronos.db-wal"}']).toBeGreaterThan(16_384);
  expect(samples['chronos_store_ok']).toBe(1);
  expect(samples['chronos_store_free_bytes']).toBeGreaterThan(0);
});

test('there is nothing but GET /metrics, and faults of reading are told in the log alone', async () => {
  const url = await serve(
    createMetricsApi({
      registry: metrics.registry,
      readState: () => {
        throw new Error('the disk is on fire');
      },
      logger,
    }),
  );
  expect((await fetch(`${url}/`)).status).toBe(404);
  expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(404);
  const answer = await fetch(`${url}/metrics`);
  expect([answer.status, await answer.text()]).toEqual([500, '']);
});
