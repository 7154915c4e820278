import { useState } from 'preact/hooks';
import { useMessages } from '../i18n/language.js';
import { downloadZip } from '../stamping/zip.js';
import type { Item } from '../stamping/stamp.js';
import type { Stamps } from '../stamping/stamps.js';
import { DownloadIcon } from './icons.js';
import { StampRow } from './stamp-row.js';
import { Trouble } from './trouble.js';
import { useNow } from './use-now.js';

/** So many are drawn at first, and as many again on request: thousands at once would make the page slow. */
const SHOWN_AT_FIRST = 40;

/** What was stamped on this device. */
export function StampList({ stamps }: { stamps: Stamps }) {
  const { list: words } = useMessages();
  const [shown, setShown] = useState(SHOWN_AT_FIRST);
  const { items } = stamps;
  const isWaiting = items.some(({ stage }) => stage === 'submitted');
  const nowMs = useNow(isWaiting) + stamps.clockAheadMs;
  if (items.length === 0) return null;
  return (
    <section class="stack" aria-labelledby="stamped">
      <div class="list-head">
        <h2 id="stamped">{words.title}</h2>
        <Actions stamps={stamps} />
      </div>
      <Summary items={items} />
      <Trouble isAway={stamps.isAway} />
      {stamps.isForgetful ? <p class="note caution">{words.forgetful}</p> : null}
      <ul class="stamps">
        {items.slice(0, shown).map((item) => (
          <StampRow key={item.id} item={item} stamps={stamps} nowMs={nowMs} isOpen={item === items[0]} />
        ))}
      </ul>
      {items.length > shown ? (
        <p>
          <button
            type="button"
            class="button"
            onClick={() => {
              setShown(shown + SHOWN_AT_FIRST);
            }}
          >
            {words.more(items.length - shown)}
          </button>
        </p>
      ) : null}
      <p class="muted">
        <small>{words.keptHere}</small>
      </p>
    </section>
  );
}

/** In words, and said aloud when it changes: not each second, but each step. */
function Summary({ items }: { items: readonly Item[] }) {
  const { list: words } = useMessages();
  const count = (...stages: Item['stage'][]) => items.filter(({ stage }) => stages.includes(stage)).length;
  const parts = [
    { count: count('final'), say: words.manyFinal },
    { count: count('hashed', 'submitted'), say: words.manyUnderWay },
    { count: count('hashing'), say: words.manyHashing },
    { count: count('failed'), say: words.manyFailed },
  ];
  return (
    <p role="status">
      {parts
        .filter((part) => part.count > 0)
        .map((part) => part.say(part.count))
        .join(' · ')}
    </p>
  );
}

function Actions({ stamps }: { stamps: Stamps }) {
  const { list: words } = useMessages();
  const [isAsking, setAsking] = useState(false);
  const proofs = stamps.items.filter(({ proof }) => proof !== undefined).length;
  if (isAsking) {
    return (
      <div class="row" role="group" aria-label={words.forgetAll}>
        <span>{words.reallyForget(stamps.items.length)}</span>
        <button
          type="button"
          class="button small danger"
          onClick={() => {
            setAsking(false);
            void stamps.forgetAll();
          }}
        >
          {words.yesForget}
        </button>
        <button
          type="button"
          class="button small"
          autofocus
          onClick={() => {
            setAsking(false);
          }}
        >
          {words.keep}
        </button>
      </div>
    );
  }
  return (
    <div class="row">
      {proofs > 1 ? (
        <button
          type="button"
          class="button small"
          onClick={() => {
            void downloadZip(stamps.items);
          }}
        >
          <DownloadIcon />
          {words.zip(proofs)}
        </button>
      ) : null}
      <button
        type="button"
        class="button small quiet danger"
        onClick={() => {
          setAsking(true);
        }}
      >
        {words.forgetAll}
      </button>
    </div>
  );
}
