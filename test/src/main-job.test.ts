import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ChronosClient, type Proof } from '@chronos/shared';
import { chronos, run } from './support/run.js';
import {
  freePorts,
  type LocalService,
  type Ports,
  ROOT,
  startService,
  temporaryFolder,
  WINDOW_SECONDS,
} from './support/service.js';

// The main job, through the production entry points: stamp files, see them final, verify them with only the chain running.

const TIME_LIMIT_MS = 120_000;
/** Of a proof, from stamping to complete. */
const COMPLETE_WITHIN_MS = (WINDOW_SECONDS + 15) * 1000;

let temporary: ReturnType<typeof temporaryFolder>;
let ports: Ports;
let service: LocalService;

beforeAll(async () => {
  temporary = temporaryFolder();
  ports = await freePorts();
  service = await startService(join(temporary.folder, 'data'), ports);
}, TIME_LIMIT_MS);

afterAll(async () => {
  await service.stop();
  temporary.remove();
}, TIME_LIMIT_MS);

function file(name: string): string {
  return join(temporary.folder, name);
}

function readProof(name: string): Proof {
  return JSON.parse(readFileSync(file(`${name}.chronos.json`), 'utf8')) as Proof;
}

async function stamp(...names: string[]): Promise<void> {
  const started = performance.now();
  const { code, stderr } = await chronos('stamp', '--wait', '--server', service.url, ...names.map(file));
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(performance.now() - started).toBeLessThan(COMPLETE_WITHIN_MS);
}

const SMALL_FILES = ['package.json', 'pnpm-lock.yaml', 'tsconfig.base.json'];

describe('the main job', () => {
  test(
    'stamps files of this repository, an empty one among them, within one window and 15 s',
    async () => {
      for (const name of SMALL_FILES) copyFileSync(join(ROOT, name), file(name));
      writeFileSync(file('empty'), '');
      await stamp(...SMALL_FILES, 'empty');
      for (const name of [...SMALL_FILES, 'empty']) expect(readProof(name).anchors).toHaveLength(1);
      expect(readProof('empty').digest.value).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    },
    TIME_LIMIT_MS,
  );

  test(
    'stamps a file of 2 GB in less than 150 MB of memory',
    async () => {
      writeFileSync(file('large'), '');
      truncateSync(file('large'), 2 * 1024 ** 3);
      // What `npx chronos` runs, and the most memory that it held: not `maxRSS`, which a child begins with what its parent had.
      const program = `import { readFileSync } from 'node:fs'; process.argv.splice(1, 0, 'chronos'); process.on('exit', () => console.log(readFileSync('/proc/self/status', 'utf8'))); await import(${JSON.stringify(
        new URL('../../packages/cli/bin/chronos.js', import.meta.url).href,
      )});`;
      const args = ['stamp', '--wait', '--server', service.url, file('large')];
      const { code, stdout } = await run(process.execPath, ['--input-type=module', '-e', program, ...args]);
      const kilobytes = Number(/VmHWM:\s+(\d+) kB/.exec(stdout)?.[1]);
      expect(code).toBe(0);
      expect(kilobytes / 1024).toBeLessThan(150);
      expect(readProof('large').digest.value).toBe('a7c744c13cc101ed66c29f672f92455547889cc586ce6d44fe76ae824958ea51');
    },
    TIME_LIMIT_MS,
  );

  test(
    'blinds a digest, so that the service never sees it',
    async () => {
      writeFileSync(file('secret'), 'the merger is on Friday');
      const { code } = await chronos('stamp', '--wait', '--blind', '--server', service.url, file('secret'));
      expect(code).toBe(0);
      const proof = readProof('secret');
      expect(proof.blinding).toHaveLength(32);
      await expect(new ChronosClient({ baseUrl: service.url }).timestamp(proof.digest.value)).rejects.toMatchObject({
        code: 'unknown_digest',
      });
    },
    TIME_LIMIT_MS,
  );

  test(
    'an independent checker, written from the design alone, accepts the proofs, and refuses another digest',
    async () => {
      for (const name of [...SMALL_FILES, 'empty', 'secret']) {
        const checker = [
          join(ROOT, 'test', 'independent-checker.py'),
          readProof(name).digest.value,
          file(`${name}.chronos.json`),
        ];
        expect(await run('python3', [...checker, '--rpc', service.rpcUrl])).toMatchObject({ code: 0, stdout: 'ok\n' });
      }
      const wrong = [join(ROOT, 'test', 'independent-checker.py'), 'ab'.repeat(32), file('empty.chronos.json')];
      expect((await run('python3', wrong)).stdout).toBe('digest_mismatch\n');
    },
    TIME_LIMIT_MS,
  );

  test(
    'after a restart every earlier proof is given again, the same to the byte, and a window that was open is finished',
    async () => {
      const client = new ChronosClient({ baseUrl: service.url });
      const digest = '11'.repeat(32);
      const { items } = await client.submit([digest]);
      const before = await (await fetch(`${service.url}/api/v1/proofs/${readProof('empty').digest.value}`)).text();
      await service.stop();
      service = await startService(join(temporary.folder, 'data'), ports);
      expect(await (await fetch(`${service.url}/api/v1/proofs/${readProof('empty').digest.value}`)).text()).toBe(
        before,
      );
      const { proof, complete } = await client.proof(digest, { waitSeconds: 60 });
      expect(complete).toBe(true);
      expect(proof).toMatchObject({ salt: items[0]!.salt, window: { id: items[0]!.window.id } });
    },
    TIME_LIMIT_MS,
  );

  test(
    'verifies with only the chain running; one flipped bit in the file or the proof is refused with its code',
    async () => {
      await service.stopService();
      const verify = (...args: string[]) => chronos('verify', '--json', '--rpc', service.rpcUrl, ...args);
      for (const name of [...SMALL_FILES, 'empty', 'secret', 'large']) {
        const { code, stdout } = await verify(file(name));
        expect({ name, code, outcome: outcomeOf(stdout) }).toEqual({ name, code: 0, outcome: 'ok' });
      }
      const altered = Buffer.from(readFileSync(file('package.json')));
      altered[10]! ^= 1;
      writeFileSync(file('altered.json'), altered);
      const refused = await verify(file('altered.json'), file('package.json.chronos.json'));
      expect({ code: refused.code, outcome: outcomeOf(refused.stdout) }).toEqual({
        code: 1,
        outcome: 'digest_mismatch',
      });

      for (const [outcome, change] of Object.entries(FLIPS)) {
        const proof = readProof('package.json');
        change(proof);
        writeFileSync(file('changed.chronos.json'), JSON.stringify(proof));
        const { code, stdout } = await verify(file('package.json'), file('changed.chronos.json'));
        expect({ code, outcome: outcomeOf(stdout) }).toEqual({ code: 1, outcome: outcome.split(' ')[0] });
      }
    },
    TIME_LIMIT_MS,
  );

  test(
    'says that the chain is unreachable when nothing runs at all, and does not call the proof wrong',
    async () => {
      await service.stop();
      const { code, stdout } = await chronos('verify', '--json', '--rpc', service.rpcUrl, file('package.json'));
      expect({ code, outcome: outcomeOf(stdout) }).toEqual({ code: 4, outcome: 'chain_unreachable' });
      expect((await chronos('stamp', '--server', service.url, file('altered.json'))).code).toBe(4);
    },
    TIME_LIMIT_MS,
  );
});

function outcomeOf(stdout: string): string {
  return (JSON.parse(stdout) as { code: string }).code;
}

function flip(hex: string): string {
  const at = hex.length - 1;
  return hex.slice(0, at) + (parseInt(hex[at]!, 16) ^ 1).toString(16);
}

/** One bit changed in each part of a proof, and the outcome that it must have; what follows a space tells two alike apart. */
const FLIPS: Record<string, (proof: Proof) => void> = {
  'path_mismatch salt': (proof) => (proof.salt = flip(proof.salt)),
  'path_mismatch root': (proof) => (proof.inclusion!.root = flip(proof.inclusion!.root)),
  'path_mismatch path': (proof) => (proof.inclusion!.path[0] = flip(proof.inclusion!.path[0]!)),
  'path_mismatch index': (proof) => (proof.inclusion!.leafIndex ^= 1),
  'log_mismatch root': (proof) => (proof.log!.root = flip(proof.log!.root)),
  'log_mismatch window': (proof) => (proof.window.id ^= 1),
  'digest_mismatch digest': (proof) => (proof.digest.value = flip(proof.digest.value)),
  'anchor_not_found transaction': (proof) =>
    (proof.anchors[0]!['transaction'] = flip(String(proof.anchors[0]!['transaction']))),
  'anchor_mismatch contract': (proof) => (proof.anchors[0]!['contract'] = flip(String(proof.anchors[0]!['contract']))),
  'anchor_mismatch block': (proof) => ((proof.anchors[0]!['block'] as { number: number }).number ^= 1),
  'malformed_proof salt': (proof) => (proof.salt = proof.salt.toUpperCase().replace(/[0-9]/g, 'A')),
};
