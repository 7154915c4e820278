import { Argument, Command, Option } from 'commander';
import { ChronosError } from '@chronos/shared';
import { readAdminConfig } from '../config.js';
import type { AdminStatus, StoreState } from '../http/admin-status.js';
import { askAdmin } from './admin-client.js';
import { statusText } from './admin-status-text.js';

interface Json {
  json?: boolean;
}

/** 2: no anchord answered, so nothing is known. `exit` ends the process with a code. */
const NO_ANSWER = 2;

/** What an operator asks of a running anchord, over its admin port. */
export function adminCommand(exit: (code: number) => never): Command {
  const admin = new Command('admin')
    .description('ask a running anchord, or change what it does, over its admin port')
    .addHelpText(
      'after',
      '\nExit code: 0 done, 1 refused, or not well (health), 2 no anchord answered.\nSettings: CHRONOS_ADMIN_TOKEN_FILE, and CHRONOS_ADMIN_URL or CHRONOS_ADMIN_HOST and CHRONOS_ADMIN_PORT.',
    );

  const command = (name: string, description: string) =>
    admin.command(name).description(description).option('--json', 'print the answer as one JSON object');

  const ask = async (...[method, path, options]: DropFirst<Parameters<typeof askAdmin>>) => {
    try {
      return await askAdmin(readAdminConfig(), method, path, options);
    } catch (error) {
      if (!(error instanceof ChronosError) || error.code !== 'service_unreachable') throw error;
      console.error(`anchord: ${error.message}`);
      return exit(NO_ANSWER);
    }
  };
  /** Asks for a change and tells what came of it; what did not come about ends with code 1. */
  const change = async <T>(
    path: string,
    body: object,
    { json }: Json,
    told: (answer: T) => string,
    { timeoutMs, isDone = () => true }: { timeoutMs?: number; isDone?: (answer: T) => boolean } = {},
  ): Promise<void> => {
    const answer = await ask('POST', path, { body, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
    const done = answer.body as T;
    console.log(json ? JSON.stringify(done) : told(done));
    if (!isDone(done)) exit(1);
  };

  command(
    'status',
    'the open window, what waits, and each chain: money, heights, transactions on their way, what is wrong',
  ).action(async ({ json }: Json) => {
    const { body } = await ask('GET', '/status');
    console.log(json ? JSON.stringify(body) : statusText(body as AdminStatus));
  });

  command(
    'health',
    'exit code 0 where digests are taken and every chain that is required can be anchored on, else 1',
  ).action(async ({ json }: Json) => {
    const { status, body } = await ask('GET', '/health');
    const { store, chains } = body as Health;
    const lines = chains.map(({ chain, state, paused }) => `${chain}: ${state}${paused ? ', paused' : ''}`);
    const ofStore = `store: ${store.state}${store.state === 'ok' ? '' : `: ${store.detail}`}`;
    console.log(json ? JSON.stringify(body) : [ofStore, ...lines].join('\n'));
    if (status !== 200) exit(1);
  });

  command('pause', 'anchor no more, on one chain or all, until resumed; digests are taken and windows closed')
    .argument('[chain]', 'as status names it; all without it')
    .action((chain: string | undefined, options: Json) =>
      change<{ paused: string[] }>('/pause', { chain }, options, ({ paused }) => `paused: ${paused.join(', ')}`),
    );

  command('resume', 'anchor again what waits')
    .argument('[chain]', 'as status names it; all without it')
    .action((chain: string | undefined, options: Json) =>
      change<{ resumed: string[] }>('/resume', { chain }, options, ({ resumed }) => `resumed: ${resumed.join(', ')}`),
    );

  command('close-window', 'end the open window now').action((options: Json) =>
    change<{ ended: number | null }>('/close-window', {}, options, ({ ended }) =>
      ended === null ? 'no window is open: no digest came' : `ended window ${ended}`,
    ),
  );

  command('bump', 'replace the pending transaction by a dearer one, with the same nonce')
    .argument('[transaction]', 'as status shows it; the pending one without it')
    .option('--chain <chain>', 'where there are several')
    .action((transaction: string | undefined, { chain, ...options }: Json & { chain?: string }) => {
      const told = (bumped: Bumped) =>
        bumped.result === 'replaced'
          ? `replaced ${bumped.replaced} (at most ${bumped.replacedCostZil} ZIL) by ${bumped.transaction} (at most ${bumped.costZil} ZIL)`
          : `not replaced: ${bumped.detail}`;
      return change('/bump', { chain, transaction }, options, told, { isDone: ({ result }) => result === 'replaced' });
    });

  command('backup', 'copy the store into a file on the machine of anchord, which goes on working')
    .argument('<file>', 'an absolute path')
    .option('--force', 'replace a file that stands there')
    .action((file: string, { force = false, ...options }: Json & { force?: boolean }) => {
      const told = ({ digests, windows, finalWindows, madeAt, bytes }: BackedUp) =>
        `backed up to ${file}: ${digests} digests in ${windows} windows, ${finalWindows} of them final, as of ${madeAt} (${bytes} bytes)`;
      return change<BackedUp>('/backup', { file, replace: force }, options, told, { timeoutMs: 0 });
    });

  command('rotate', 'make a new token and accept the one before as well, until --finish')
    .addArgument(
      new Argument('<token>', 'private, which proxies and anchord share, or admin').choices(['private', 'admin']),
    )
    .addOption(new Option('--finish', 'accept the token before no more'))
    .action((token: string, { finish, ...options }: Json & { finish?: boolean }) =>
      change<object>('/rotate', { token, step: finish ? 'finish' : 'begin' }, options, () =>
        finish ? FINISHED : `${BEGUN} "anchord admin rotate ${token} --finish"`,
      ),
    );

  command('reload-tokens', 'read both token files again, after they were changed by hand').action((options: Json) =>
    change<Record<string, number>>('/reload-tokens', {}, options, (accepted) =>
      Object.entries(accepted)
        .map(([name, count]) => `${name}: ${count === 1 ? 'one token is' : 'two tokens are'} accepted`)
        .join('\n'),
    ),
  );
  return admin;
}

interface Health {
  store: StoreState;
  chains: { chain: string; state: string; paused: boolean }[];
}

type DropFirst<T extends unknown[]> = T extends [unknown, ...infer R] ? R : never;

type Bumped =
  | { result: 'replaced'; replaced: string; replacedCostZil: string; transaction: string; costZil: string }
  | { result: 'refused'; detail: string };

interface BackedUp {
  digests: number;
  windows: number;
  finalWindows: number;
  madeAt: string;
  bytes: number;
}

const BEGUN =
  'the token file of anchord begins with a new token, and the one before is accepted as well: give the new one to all who need it, then';
const FINISHED = 'the token before is accepted no more';
