import { ChronosClient } from '@chronos/shared';
import { anchord } from '../support/run.js';
import { type ChainKind, freePorts, type LocalService, startService } from '../support/service.js';
import { type Audit, audit } from './audit.js';
import { readChain } from './chain-events.js';
import { Killer, type Kills } from './killer.js';
import { Ledger } from './ledger.js';
import { runLoad } from './load.js';
import { Random } from './random.js';

export interface KillRunOptions {
  kills: number;
  seed: string;
  chains: readonly ChainKind[];
  /** Where the service keeps its data and logs. */
  folder: string;
  windowSeconds?: number;
  /** Told now and then how far it has come. */
  tell?: (line: string) => void;
}

export interface KillRun extends Audit {
  kills: Kills;
  acknowledged: number;
  ledger: Ledger;
}

const TELL_EVERY = 25;

/** Loads a real service, kills its parts at random moments, and asks it in the end for all that it acknowledged. `faults` says what is wrong. */
export async function runKillTest(options: KillRunOptions): Promise<KillRun> {
  const { kills, seed, chains, folder, windowSeconds = 1, tell } = options;
  const random = new Random(seed);
  const ledger = new Ledger();
  const service = await startService(folder, await freePorts(), chains, {}, windowSeconds);
  const stop = new AbortController();
  try {
    const killer = new Killer(service, random.fork('kills'), windowSeconds * 1000);
    const load = runLoad({ url: service.url, ledger, random: random.fork('load'), signal: stop.signal });
    const killing = async () => {
      for (let done = 1; total(killer.kills) < kills && !stop.signal.aborted; done++) {
        await killer.killOnce();
        if (done % TELL_EVERY === 0)
          tell?.(`${total(killer.kills)} kills, ${ledger.acknowledged.size} digests acknowledged`);
      }
      stop.abort();
    };
    const work = [load, killing()];
    try {
      await Promise.all(work);
    } finally {
      stop.abort();
      await Promise.allSettled(work); // nothing is started again once the service is stopped
    }
    const found = await audit({
      client: new ChronosClient({ baseUrl: service.url }),
      ledger,
      endpoints: new Map(service.chains.map(({ kind, rpcUrl }) => [CHAINS[kind], rpcUrl])),
      readChains: () => Promise.all(service.chains.map(readChain)),
    });
    await service.stopService();
    found.faults.push(...(await fsckFaults(service)));
    return { ...found, kills: killer.kills, acknowledged: ledger.acknowledged.size, ledger };
  } finally {
    await service.stop();
  }
}

const CHAINS: Record<ChainKind, string> = { evm: 'eip155:31337', scilla: 'zilliqa:31337' };

/** What anchord's own look at the store and the chain, line by line, finds wrong. */
async function fsckFaults({ anchordEnv }: LocalService): Promise<string[]> {
  const { code, stdout, stderr } = await anchord(anchordEnv, 'fsck');
  return code === 0 ? [] : [`anchord fsck ended with ${String(code)}:\n${stdout}${stderr}`];
}

function total({ anchord, proxy }: Kills): number {
  return anchord + proxy;
}
