import type { Clock } from '../clock.js';
import { Spell } from '../spell.js';
import type { AnchorEvent, Trouble } from './anchor-events.js';

/** Tells of a trouble's beginning and end, and only of these: what each unanswered call says differs from time to time. */
export class TroubleWatch {
  /** What keeps anchoring from going on at present. */
  current: Trouble | undefined;
  private sinceMs = 0;
  /** The beginning was not told, as it was told not long before; so neither is the end. */
  private repeats = false;
  private readonly spells = new Map<string, Spell>();

  constructor(
    private readonly clock: Clock,
    private readonly tell: (event: AnchorEvent) => void,
  ) {}

  note(trouble: Trouble | undefined): void {
    const nowMs = this.clock.monotonicMs();
    const before = this.current;
    this.current = trouble;
    if (trouble === undefined) {
      if (before === undefined) return;
      const { sinceMs, repeats } = this;
      this.tell({ event: 'trouble_ends', cause: before.cause, lastedMs: nowMs - sinceMs, repeats });
      return;
    }
    const repeats = !this.spellOf(trouble).note(nowMs);
    const isSame = before !== undefined && keyOf(before) === keyOf(trouble);
    if (!isSame) this.sinceMs = nowMs;
    this.repeats = repeats && (before === undefined || this.repeats);
    if (!isSame || !repeats) this.tell({ event: 'trouble_begins', ...trouble, repeats });
  }

  private spellOf(trouble: Trouble): Spell {
    const key = keyOf(trouble);
    const spell = this.spells.get(key) ?? new Spell();
    this.spells.set(key, spell);
    return spell;
  }
}

/** What makes one trouble another one. Amounts, prices and a node's words change from look to look; our own on the settings do not. */
function keyOf({ cause, detail }: Trouble): string {
  return cause === 'settings' ? `${cause} ${detail}` : cause;
}
