import { earliestAnchor } from '@chronos/shared';
import { useState } from 'preact/hooks';
import { countdown } from '../i18n/format.js';
import { useFormats, useMessages } from '../i18n/language.js';
import { Link } from '../router.js';
import { isHashed, type Item } from '../stamping/stamp.js';
import type { Stamps } from '../stamping/stamps.js';
import { CopyButton } from './copy-button.js';
import { DigestText } from './digest-text.js';
import { CrossIcon } from './icons.js';
import { ProofActions } from './proof-actions.js';
import { ProofFacts } from './proof-facts.js';
import { Timeline } from './timeline.js';

export interface StampRowProps {
  item: Item;
  stamps: Stamps;
  /** The service's time. */
  nowMs: number;
  /** Whether its details are shown at first. */
  isOpen: boolean;
}

/** One document: its name and state, and on request everything about it. */
export function StampRow({ item, stamps, nowMs, isOpen: openAtFirst }: StampRowProps) {
  const { list: words } = useMessages();
  const formats = useFormats();
  const [toggled, setToggled] = useState<boolean>();
  const isOpen = toggled ?? openAtFirst;
  const name = item.name === '' ? words.digestOnly : item.name;
  return (
    <li class="stamp-row">
      <div class="stamp-head">
        <button
          type="button"
          class="stamp-name"
          aria-expanded={isOpen}
          onClick={() => {
            setToggled(!isOpen);
          }}
        >
          <span class="break">{name}</span>
          <span class="muted stamp-size">
            {item.size === undefined ? <code>{item.digest?.slice(0, 16)}…</code> : formats.bytes(item.size)}
          </span>
        </button>
        <StateTag item={item} nowMs={nowMs} />
        {item.stage === 'hashing' ? (
          <button
            type="button"
            class="icon-button"
            aria-label={words.cancel(name)}
            title={words.cancel(name)}
            onClick={() => {
              stamps.cancel(item.id);
            }}
          >
            <CrossIcon />
          </button>
        ) : null}
      </div>
      {item.stage === 'hashing' && item.hashedBytes > 0 ? (
        <progress max={item.size} value={item.hashedBytes} aria-label={words.progress(name)} />
      ) : null}
      {isOpen ? <Details item={item} name={name} stamps={stamps} nowMs={nowMs} /> : null}
    </li>
  );
}

function StateTag({ item, nowMs }: { item: Item; nowMs: number }) {
  const { list: words } = useMessages();
  const formats = useFormats();
  if (item.stage === 'final') return <span class="tag good">{words.final}</span>;
  if (item.stage === 'failed') return <span class="tag fault">{words.failed}</span>;
  if (item.stage === 'hashing') {
    const percent = item.size === undefined || item.size === 0 ? 0 : Math.floor((100 * item.hashedBytes) / item.size);
    return <span class="tag">{item.hashedBytes === 0 ? words.queued : words.hashing(formats.number(percent))}</span>;
  }
  if (item.stage === 'hashed') return <span class="tag">{words.sending}</span>;
  const leftMs = item.closesAt === undefined ? 0 : Date.parse(item.closesAt) - nowMs;
  return <span class="tag">{leftMs > 0 ? words.collecting(countdown(leftMs)) : words.anchoring}</span>;
}

function Details({ item, name, stamps, nowMs }: { item: Item; name: string; stamps: Stamps; nowMs: number }) {
  const { list: words, facts } = useMessages();
  const { proof } = item;
  const anchor = proof === undefined ? undefined : earliestAnchor(proof);
  return (
    <div class="stamp-details stack">
      {item.fault === undefined ? null : <Fault item={item} stamps={stamps} />}
      {item.fault === undefined || proof !== undefined ? (
        <Timeline
          hashedHere={item.name !== ''}
          hashing={item.stage === 'hashing'}
          receivedAt={proof?.receivedAt}
          window={proof?.window}
          sent={item.sent}
          anchor={anchor}
          nowMs={nowMs}
        />
      ) : null}
      {anchor === undefined ? null : <ProofFacts anchor={anchor} />}
      {isHashed(item) ? (
        <dl class="facts">
          <dt>{facts.digest}</dt>
          <dd>
            <DigestText digest={item.digest} what={facts.digest} />
          </dd>
          {item.blinding === undefined ? null : (
            <>
              <dt>{facts.blinding}</dt>
              <dd>
                <span class="digest-text">
                  <code>{item.blinding}</code>
                  <CopyButton text={item.blinding} what={facts.blinding} />
                </span>
                <small class="muted">{facts.blindingNote}</small>
              </dd>
            </>
          )}
        </dl>
      ) : null}
      {item.sameAs === undefined ? null : <p class="muted">{words.sameAs(item.sameAs)}</p>}
      {item.wasKnown === true ? <p class="muted">{words.wasKnown}</p> : null}
      <div class="row">
        {proof === undefined ? null : <ProofActions proof={proof} name={item.name} />}
        {proof === undefined || item.digest === undefined || item.blinding !== undefined ? null : (
          <Link href={`/d/${item.digest}`} class="button">
            {words.page}
          </Link>
        )}
        {item.stage === 'hashing' ? null : (
          <button
            type="button"
            class="button quiet danger"
            aria-label={words.forgetWhat(name)}
            onClick={() => {
              void stamps.forget(item.id);
            }}
          >
            {words.forget}
          </button>
        )}
      </div>
      {anchor === undefined && proof !== undefined ? <p class="muted">{words.incompleteNote}</p> : null}
    </div>
  );
}

function Fault({ item, stamps }: { item: Item; stamps: Stamps }) {
  const { list: words } = useMessages();
  const { fault } = item;
  if (fault === undefined) return null;
  return (
    <div class="note fault stack-small" role="alert">
      <p>{words.faults[fault.kind]}</p>
      <p>
        <small class="break">{fault.message}</small>
      </p>
      {fault.kind === 'unreadable' ? null : (
        <button
          type="button"
          class="button small"
          onClick={() => {
            stamps.retry(item.id);
          }}
        >
          {words.retry}
        </button>
      )}
    </div>
  );
}
