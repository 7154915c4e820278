import { setTimeout as setTimer } from 'node:timers';
import { setTimeout } from 'node:timers/promises';
import type { Child, LocalService, PartName } from '../support/service.js';
import type { Random } from './random.js';

/** When a part is killed. What anchord tells its log is how the test knows where it is. */
const MOMENTS = {
  'at any time': {},
  'around the end of a window': {},
  'while it starts': {},
  'after a window was closed': { told: 'window closed', withinMs: 15 },
  'around broadcasting': { told: 'signed an anchor', withinMs: 15 },
  'around recording an anchor as final': { told: 'an anchor is final', withinMs: 5 },
} as const satisfies Record<string, { told?: string; withinMs?: number }>;
export type Moment = keyof typeof MOMENTS;

/** How often each moment comes, out of 100. */
const OFTEN: readonly (readonly [Moment, number])[] = [
  ['at any time', 25],
  ['around the end of a window', 25],
  ['around broadcasting', 25],
  ['after a window was closed', 10],
  ['around recording an anchor as final', 5],
  ['while it starts', 10],
];
const PROXY_SHARE = 0.25;
const BOTH_SHARE = 0.1;
/** How long the log may keep the test waiting for a moment. */
const TOLD_WITHIN_MS = 60_000;
/** A part that is not up by then does not start any more. */
const UP_WITHIN_MS = 60_000;

export interface Kills {
  anchord: number;
  proxy: number;
  moments: Map<Moment, number>;
  /** From starting anchord again to its answering. */
  restartsMs: number[];
}

/** Kills parts of the service with SIGKILL, one after the other, and starts each again. */
export class Killer {
  readonly kills: Kills = { anchord: 0, proxy: 0, moments: new Map(), restartsMs: [] };
  private readonly children: Record<PartName, Child>;
  private readonly killed = new Set<Child>();
  private ended: string | undefined;

  constructor(
    private readonly service: LocalService,
    private readonly random: Random,
    private readonly windowMs: number,
  ) {
    const { anchord, proxy } = service;
    this.children = { anchord, proxy };
    this.watch('anchord');
    this.watch('proxy');
  }

  async killOnce(): Promise<void> {
    const { random, kills } = this;
    // Something is to be acknowledged and on its way between two kills.
    await setTimeout(random.between(0, 700));
    const name: PartName = random.happens(PROXY_SHARE) ? 'proxy' : 'anchord';
    const moment = name === 'proxy' ? 'at any time' : this.pickMoment();
    const both = name === 'anchord' && random.happens(BOTH_SHARE);
    await this.waitFor(moment);
    kills.moments.set(moment, (kills.moments.get(moment) ?? 0) + 1);
    await Promise.all([this.kill(name), ...(both ? [this.kill('proxy')] : [])]);
    this.start(name);
    if (moment === 'while it starts') {
      await setTimeout(random.between(0, 400));
      await this.kill(name);
      this.start(name);
    }
    const upAfterMs = await this.untilUp(name);
    if (name === 'anchord') kills.restartsMs.push(upAfterMs);
    if (!both) return;
    this.start('proxy');
    await this.untilUp('proxy');
  }

  private pickMoment(): Moment {
    let left = this.random.next() * 100;
    return OFTEN.find(([, share]) => (left -= share) < 0)?.[0] ?? 'at any time';
  }

  private async waitFor(moment: Moment): Promise<void> {
    const { random, windowMs } = this;
    if (moment === 'around the end of a window') {
      const untilEndMs = windowMs - (Date.now() % windowMs);
      await setTimeout(Math.max(0, untilEndMs + random.between(-20, 60)));
      return;
    }
    const { told, withinMs } = { told: undefined, withinMs: 0, ...MOMENTS[moment] };
    if (told === undefined) return;
    await this.untilTold(told);
    await setTimeout(random.between(0, withinMs));
  }

  private async untilTold(message: string): Promise<void> {
    const { output } = this.children.anchord;
    let text = '';
    await new Promise<void>((resolve, reject) => {
      const timer = setTimer(() => {
        reject(new Error(`anchord did not tell "${message}" within ${TOLD_WITHIN_MS / 1000} s`));
      }, TOLD_WITHIN_MS);
      const listen = (chunk: Buffer) => {
        text = text.slice(-200) + chunk.toString();
        if (!text.includes(`"${message}"`)) return;
        clearTimeout(timer);
        output.off('data', listen);
        resolve();
      };
      output.on('data', listen);
    });
  }

  private start(name: PartName): void {
    this.children[name] = this.service.startAgain(name);
    this.watch(name);
  }

  /** A part that ends without having been killed is a fault of its own. */
  private watch(name: PartName): void {
    const child = this.children[name];
    void child.exited.then((code) => {
      if (!this.killed.has(child)) this.ended ??= `${name} ended by itself, with ${String(code)}`;
    });
  }

  private async kill(name: PartName): Promise<void> {
    const child = this.children[name];
    this.killed.add(child);
    this.kills[name]++;
    await child.stop('SIGKILL');
    if (this.ended !== undefined) throw new Error(this.ended);
  }

  private async untilUp(name: PartName): Promise<number> {
    const startedAt = performance.now();
    for (;;) {
      const isUp = await this.service.isUp(name).catch(() => false);
      const afterMs = performance.now() - startedAt;
      if (isUp) return afterMs;
      if (this.ended !== undefined) throw new Error(this.ended);
      if (afterMs > UP_WITHIN_MS) throw new Error(`${name} did not start within ${UP_WITHIN_MS / 1000} s`);
      await setTimeout(10);
    }
  }
}
