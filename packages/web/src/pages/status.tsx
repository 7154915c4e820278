import type { StatusReply, WindowsReply } from '@chronos/shared';
import { useEffect, useState } from 'preact/hooks';
import { nowMs } from '../clock.js';
import { AnchorLink } from '../components/anchor-link.js';
import { Dial } from '../components/dial.js';
import { PageHeading } from '../components/heading.js';
import { Trouble } from '../components/trouble.js';
import { useNow } from '../components/use-now.js';
import { countdown, utc } from '../i18n/format.js';
import { useFormats, useMessages } from '../i18n/language.js';
import { service } from '../service/client.js';
import { poll } from '../service/poll.js';

const EVERY_MS = 5_000;
const WINDOWS_SHOWN = 8;

interface Seen {
  status: StatusReply;
  windows: WindowsReply['items'];
  /** When it was answered, by the device's clock. */
  atMs: number;
}

/** How the service is, asked again by itself. */
export function StatusPage() {
  const messages = useMessages();
  const { seen, isAway } = useStatus();
  return (
    <div class="stack">
      <PageHeading title={messages.titles.status} />
      <p class="muted">{messages.status.intro}</p>
      <Trouble isAway={isAway} />
      {seen === undefined ? isAway || <p role="status">{messages.common.loading}</p> : <Facts seen={seen} />}
    </div>
  );
}

function useStatus(): { seen: Seen | undefined; isAway: boolean } {
  const [seen, setSeen] = useState<Seen>();
  const [isAway, setAway] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    void poll({
      ask: async () => {
        const client = await service();
        const [status, windows] = await Promise.all([client.status(), client.windows({ limit: WINDOWS_SHOWN + 2 })]);
        return { status, windows: windows.items, atMs: nowMs() };
      },
      onAnswer: (answer) => {
        setSeen(answer);
        setAway(false);
        // Just after the window has closed, there is something new.
        return Math.min(EVERY_MS, Math.max(1_000, answer.status.window.secondsLeft * 1000 + 300));
      },
      onFault: () => {
        setAway(true);
      },
      signal: stop.signal,
    });
    return () => {
      stop.abort();
    };
  }, []);
  return { seen, isAway };
}

function Facts({ seen }: { seen: Seen }) {
  const { status: words, common } = useMessages();
  const formats = useFormats();
  const { status, windows, atMs } = seen;
  const now = useNow(true);
  const leftMs = Math.max(0, status.window.secondsLeft * 1000 - (now - atMs));
  const time = countdown(leftMs);
  const lag = Math.round(status.anchoringLagSeconds);
  const final = windows.filter(({ status: state }) => state === 'final').slice(0, WINDOWS_SHOWN);
  return (
    <div class="sections">
      <section class="card status-top" aria-label={words.openWindow}>
        <div>
          <Dial fraction={1 - leftMs / (status.window.seconds * 1000)} text={time} />
          <p class="visually-hidden">{words.closesIn(time)}</p>
        </div>
        <dl class="figures">
          <Figure name={words.inWindow} value={formats.number(status.window.digests)} />
          <Figure name={words.lag} value={lag === 0 ? words.noLag : common.seconds(lag)} />
          <Figure name={words.totalDigests} value={formats.number(status.totals.digests)} />
          <Figure name={words.totalWindows} value={formats.number(status.totals.windows)} />
        </dl>
      </section>

      <section class="stack-small">
        <h2>{words.chains}</h2>
        {status.chains.map((chain) => (
          <div key={chain.chain} class="card stack-small">
            <p class="row">
              <strong>{chain.chain}</strong>
              <span class={`tag ${chain.state === 'ok' ? 'good' : 'caution'}`}>{words.states[chain.state]}</span>
            </p>
            {chain.detail === undefined ? null : <p>{chain.detail}</p>}
            <p class="muted">
              {words.contract} <code class="break">{chain.contract}</code>
            </p>
          </div>
        ))}
        {status.chains.every(({ state }) => state === 'ok') ? null : <p>{words.stateNote}</p>}
      </section>

      <section class="stack-small">
        <h2>{words.anchors}</h2>
        {final.length === 0 ? <p class="muted">{words.noAnchors}</p> : <Anchors windows={final} />}
      </section>

      <p class="muted">
        <small>
          {words.asOf(formats.timeOfDay(atMs))} · {words.version} {status.version}
        </small>
      </p>
    </div>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Anchors({ windows }: { windows: WindowsReply['items'] }) {
  const { status: words } = useMessages();
  const formats = useFormats();
  return (
    <div class="table-frame" tabIndex={0} role="region" aria-label={words.anchors}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{words.window}</th>
            <th scope="col">{words.digests}</th>
            <th scope="col">{words.block}</th>
            <th scope="col">{words.transaction}</th>
          </tr>
        </thead>
        <tbody>
          {windows.flatMap(({ id, opensAt, treeSize, anchors }) =>
            anchors.map((anchor) => (
              <tr key={`${id} ${anchor.chain}`}>
                <td>{utc(opensAt)}</td>
                <td>{formats.number(treeSize)}</td>
                <td>{formats.number(anchor.block.number)}</td>
                <td>
                  <AnchorLink anchor={anchor} />
                </td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </div>
  );
}
