import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ChronosClient, type Proof, publicRpcUrls } from '@chronos/shared';
import { chronos } from './support/run.js';
import { freePorts, type LocalService, startService, temporaryFolder } from './support/service.js';

// Both kinds of chain at once, through the production entry points: `CHRONOS_CHAINS=evm,scilla npm start`.

const TIME_LIMIT_MS = 120_000;

let temporary: ReturnType<typeof temporaryFolder>;
let service: LocalService;

beforeAll(async () => {
  temporary = temporaryFolder();
  service = await startService(join(temporary.folder, 'data'), await freePorts(), ['evm', 'scilla']);
}, TIME_LIMIT_MS);

afterAll(async () => {
  await service.stop();
  temporary.remove();
}, TIME_LIMIT_MS);

function rpcOf(kind: 'evm' | 'scilla'): string {
  return service.chains.find((chain) => chain.kind === kind)!.rpcUrl;
}

function endpoints(): string[] {
  return ['--rpc', `eip155:31337=${rpcOf('evm')}`, '--rpc', `zilliqa:31337=${rpcOf('scilla')}`];
}

test(
  'a document is anchored on both chains, each of which must hold when it is verified with only the chains running',
  async () => {
    const file = join(temporary.folder, 'document');
    writeFileSync(file, 'on two chains');
    const stamped = await chronos('stamp', '--wait', '--server', service.url, file);
    expect({ code: stamped.code, stderr: stamped.code === 0 ? '' : stamped.stderr }).toEqual({ code: 0, stderr: '' });
    const proof = JSON.parse(readFileSync(`${file}.chronos.json`, 'utf8')) as Proof;
    expect(proof.anchors.map(({ type }) => type).sort()).toEqual(['zilliqa-evm', 'zilliqa-scilla']);

    const client = new ChronosClient({ baseUrl: service.url });
    expect((await client.status()).chains.map(({ chain, state }) => ({ chain, state }))).toEqual([
      { chain: 'eip155:31337', state: 'ok' },
      { chain: 'zilliqa:31337', state: 'ok' },
    ]);
    expect(await client.verify(proof.digest.value, proof)).toMatchObject({ ok: true });

    await service.stopService();
    expect((await chronos('verify', ...endpoints(), file)).code).toBe(0);

    // One flipped digit in the native anchor alone is enough to refuse it.
    const native = proof.anchors.find(({ type }) => type === 'zilliqa-scilla')!;
    native['transaction'] = String(native['transaction']).replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    writeFileSync(join(temporary.folder, 'forged.json'), JSON.stringify(proof));
    const forged = await chronos('verify', '--json', ...endpoints(), file, join(temporary.folder, 'forged.json'));
    expect({ code: forged.code, outcome: (JSON.parse(forged.stdout) as { code: string }).code }).toEqual({
      code: 1,
      outcome: 'anchor_not_found',
    });

    // And so is one chain that does not answer.
    await service.chains.find(({ kind }) => kind === 'scilla')!.child.stop();
    const unreachable = await chronos('verify', '--json', ...endpoints(), file);
    expect({ code: unreachable.code, outcome: (JSON.parse(unreachable.stdout) as { code: string }).code }).toEqual({
      code: 4,
      outcome: 'chain_unreachable',
    });
  },
  TIME_LIMIT_MS,
);

test('the local native chain has its own place in the table of networks', () => {
  expect(publicRpcUrls('zilliqa:31337')).toEqual(['http://127.0.0.1:7446']);
  expect(publicRpcUrls('zilliqa:1')).toEqual(publicRpcUrls('eip155:32769'));
  expect(publicRpcUrls('zilliqa:9')).toEqual([]);
});
