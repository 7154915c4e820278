import { type Anchor, type Proof, windowEndMs, type WindowReply } from '@chronos/shared';
import type { ComponentChildren } from 'preact';
import { countdown } from '../i18n/format.js';
import { useFormats, useMessages } from '../i18n/language.js';
import { AnchorLink } from './anchor-link.js';
import { Dial } from './dial.js';

type Sent = NonNullable<WindowReply['sent']>[number];

export interface TimelineProps {
  /** Whether the digest was computed here: then that is the first step. */
  hashedHere: boolean;
  /** The file is still being hashed. */
  hashing?: boolean;
  receivedAt?: string | undefined;
  window?: Proof['window'] | undefined;
  sent?: Sent | undefined;
  anchor?: Anchor | undefined;
  /** The service's time. */
  nowMs: number;
}

type StepState = 'done' | 'current' | 'to-come';

/** The way of a digest, and how far it has come. */
export function Timeline(props: TimelineProps) {
  const { timeline: words } = useMessages();
  const formats = useFormats();
  const { hashedHere, hashing = false, receivedAt, window, sent, anchor, nowMs } = props;
  const closesAtMs = window === undefined ? undefined : windowEndMs(window.id, window.seconds);
  const leftMs = closesAtMs === undefined ? 0 : closesAtMs - nowMs;
  const transaction = anchor ?? sent;
  const isClosed = anchor !== undefined || (closesAtMs !== undefined && leftMs <= 0);
  const reached = [!hashing, receivedAt !== undefined, isClosed, transaction !== undefined, anchor !== undefined];
  const stateOf = (step: number): StepState =>
    reached[step] === true ? 'done' : reached.indexOf(false) === step ? 'current' : 'to-come';
  return (
    <ol class="timeline">
      {hashedHere ? <Step state={stateOf(0)} title={hashing ? words.hashing : words.hashed} /> : null}
      <Step
        state={stateOf(1)}
        title={receivedAt === undefined ? words.toReceive : words.received}
        detail={receivedAt === undefined ? undefined : formats.timeOfDay(Date.parse(receivedAt))}
      />
      <Step
        state={stateOf(2)}
        title={isClosed ? words.closed : stateOf(2) === 'current' ? words.closesIn(countdown(leftMs)) : words.toClose}
        detail={isClosed && closesAtMs !== undefined ? formats.timeOfDay(closesAtMs) : undefined}
      >
        {stateOf(2) === 'current' && window !== undefined ? (
          <span class="timeline-dial">
            <Dial fraction={1 - leftMs / (window.seconds * 1000)} />
          </span>
        ) : null}
      </Step>
      <Step state={stateOf(3)} title={reached[3] === true ? words.sent : words.toSend}>
        {transaction === undefined ? null : <AnchorLink anchor={transaction} />}
      </Step>
      <Step
        state={stateOf(4)}
        title={anchor === undefined ? words.toBeFinal : words.final}
        detail={anchor === undefined ? undefined : formats.timeOfDay(Date.parse(anchor.block.time))}
      />
    </ol>
  );
}

interface StepProps {
  state: StepState;
  title: string;
  detail?: string | undefined;
  children?: ComponentChildren;
}

function Step({ state, title, detail, children }: StepProps) {
  const { timeline: words } = useMessages();
  return (
    <li class={`stage ${state}`} aria-current={state === 'current' ? 'step' : undefined}>
      <span class="stage-mark" aria-hidden="true" />
      <span class="stage-text">
        <span class="stage-title">{title}</span>
        <span class="visually-hidden">{words.states[state]}</span>
        {detail === undefined ? null : <span class="stage-detail">{detail}</span>}
        {children}
      </span>
    </li>
  );
}
