import { shownName } from '@chronos/certificate';
import { useState } from 'preact/hooks';
import { AnchorLink } from '../components/anchor-link.js';
import { CheckIcon, CrossIcon, DownloadIcon } from '../components/icons.js';
import { utc } from '../i18n/format.js';
import { useFormats, useMessages } from '../i18n/language.js';
import { earliestAnchor, explorerLink, isKnownAnchor, type Proof } from '../service/shared.js';
import { download } from '../device/download.js';
import { openCertificate } from '../certifying/request.js';
import { documentNameOf, proofFileName } from '../proof-file.js';
import { chainTitle, chainWarning } from './chain-title.js';
import { type Failure, type Run, STEPS } from './checks.js';
import type { Desk, Shown } from './desk.js';
import { type FetchProblem, fetchProof } from './fetch-proof.js';

interface Part {
  shown: Shown;
  desk: Desk;
}

/** One document with its proof: how far they are, each check, and what came of it. */
export function Result({ shown, desk }: Part) {
  const { verify: words } = useMessages();
  const { asked, given, run } = shown;
  const name = nameOf(shown, words.digestOnly);
  return (
    <article class="card stack result" aria-label={name}>
      <header class="row spread">
        <h3 class="break">
          <bdi>{name}</bdi>
        </h3>
        <button
          type="button"
          class="icon-button"
          aria-label={words.remove(name)}
          title={words.remove(name)}
          onClick={() => {
            desk.remove(shown);
          }}
        >
          <CrossIcon />
        </button>
      </header>
      <Facts shown={shown} />
      <div role="status" class="stack">
        <Waiting shown={shown} />
        {run === undefined ? null : <Verdict run={run} shown={shown} desk={desk} />}
      </div>
      {asked?.digest !== undefined && given === undefined ? <AskService shown={shown} desk={desk} /> : null}
      {run === undefined ? null : <Steps run={run} />}
    </article>
  );
}

function nameOf({ asked, given }: Shown, digestOnly: string): string {
  if (asked !== undefined) return asked.name === undefined ? digestOnly : shownName(asked.name);
  return shownName(given?.name ?? '');
}

function Facts({ shown: { asked, given } }: { shown: Shown }) {
  const { verify: words } = useMessages();
  const digest = asked === undefined ? given?.proof?.digest.value : asked.digest;
  return (
    <div class="stack-small muted">
      {digest === undefined ? null : (
        <p class="break">
          {asked === undefined ? words.proofOf : words.digest} <code>{digest}</code>
        </p>
      )}
      {asked === undefined || given === undefined ? null : (
        <p class="break">
          <bdi>{words.proofFile(shownName(given.name))}</bdi>
        </p>
      )}
    </div>
  );
}

/** What is still to come from the person, or from the disk. */
function Waiting({ shown: { asked, given } }: { shown: Shown }) {
  const { verify: words } = useMessages();
  const formats = useFormats();
  if (asked?.isUnreadable === true) return <p class="note fault">{words.unreadable}</p>;
  if (asked !== undefined && asked.digest === undefined) {
    const size = asked.size ?? 0;
    return (
      <div class="stack-small">
        <p>{words.hashing(formats.bytes(asked.hashedBytes), formats.bytes(size))}</p>
        <progress max={Math.max(1, size)} value={asked.hashedBytes} aria-label={words.digest} />
      </div>
    );
  }
  if (asked === undefined) {
    const name = documentNameOf(given?.name ?? '');
    return <p class="note">{name === undefined ? words.needAnyDocument : words.needDocument(shownName(name))}</p>;
  }
  if (given !== undefined) return null;
  return (
    <>
      {asked.foreign === undefined ? null : <p class="note caution">{words.foreign[asked.foreign]}</p>}
      {asked.foreign === 'opentimestamps' ? null : <p class="note">{words.needProof}</p>}
    </>
  );
}

function Verdict({ run, shown, desk }: Part & { run: Run }) {
  const { verify: words } = useMessages();
  const { outcome, proof } = run;
  if (outcome === undefined) return <p class="note">{words.running}</p>;
  if (outcome.ok) return proof === undefined ? null : <Verified proof={proof} shown={shown} />;
  return <Failed failure={outcome.failure} shown={shown} desk={desk} />;
}

function Verified({ proof, shown }: { proof: Proof; shown: Shown }) {
  const { verify: words, common } = useMessages();
  const formats = useFormats();
  const anchor = earliestAnchor(proof);
  if (anchor === undefined) return null;
  const warning = chainWarning(anchor.chain, common);
  const name = shown.asked?.name;
  return (
    <>
      <div class="note good stack-small">
        <p class="verdict">
          <CheckIcon /> <strong>{words.okTitle}</strong>
        </p>
        <p>
          {name === undefined ? words.okLeadDigest : words.okLead}{' '}
          <strong class="when">
            <time dateTime={anchor.block.time}>{formats.localTime(anchor.block.time)}</time>
          </strong>{' '}
          ({utc(anchor.block.time)})
        </p>
        <p>{words.notProved}</p>
        {proof.blinding === undefined ? null : <p>{words.blinded}</p>}
      </div>
      {warning === undefined ? null : <p class="note caution">{warning}</p>}
      {proof.anchors.filter(isKnownAnchor).map((one) => (
        <dl key={one.chain} class="facts">
          <dt>{words.chain}</dt>
          <dd>{chainTitle(one.chain, common)}</dd>
          <dt>{words.block}</dt>
          <dd>
            {formats.number(one.block.number)}, {utc(one.block.time)}
          </dd>
          <dt>{words.transaction}</dt>
          <dd>{explorerLink(one) === undefined ? <code>{one.transaction}</code> : <AnchorLink anchor={one} />}</dd>
        </dl>
      ))}
      {shown.isCompleted === true ? <p class="note">{words.completed}</p> : null}
      <div class="row">
        {import.meta.env.VITE_SINGLE_FILE === 'yes' ? null : (
          <button
            type="button"
            class="button"
            onClick={() => {
              openCertificate({ proof, ...(name === undefined ? {} : { fileName: name }) });
            }}
          >
            {words.certificate}
          </button>
        )}
        {shown.isCompleted === true ? <SaveProof shown={shown} /> : null}
      </div>
    </>
  );
}

function SaveProof({ shown: { given } }: { shown: Shown }) {
  const { verify: words } = useMessages();
  return (
    <button
      type="button"
      class="button"
      onClick={() => {
        download(given?.name ?? '', given?.text ?? '', 'application/json');
      }}
    >
      <DownloadIcon />
      {words.saveProof}
    </button>
  );
}

function Failed({ failure, shown, desk }: Part & { failure: Failure }) {
  const { verify: words } = useMessages();
  const { code, problem, endpoint, message } = failure;
  const isOpen = code === 'pending' || code === 'not_final' || code === 'chain_unreachable';
  return (
    <div class={`note stack-small ${isOpen ? 'caution' : 'fault'}`}>
      <p class="verdict">
        <CrossIcon /> <strong>{words.failTitle[code]}</strong>
      </p>
      {problem === undefined ? null : (
        <p>
          {endpoint === undefined || endpoint === '' ? null : <code class="break">{endpoint}: </code>}
          {words.problems[problem]}
        </p>
      )}
      <p>{words.failText[code]}</p>
      {code === 'pending' ? <AskService shown={shown} desk={desk} /> : null}
      {code === 'not_final' || code === 'chain_unreachable' || code === 'anchor_not_found' ? (
        <p>
          <button
            type="button"
            class="button small"
            onClick={() => {
              desk.again();
            }}
          >
            {words.again}
          </button>
        </p>
      ) : null}
      <details>
        <summary>{words.details}</summary>
        <p class="break" lang="en">
          <code>{code}</code>: {message}
        </p>
      </details>
    </div>
  );
}

/** The proof from the service: a digest without one, or with one that is not complete. */
function AskService({ shown, desk }: Part) {
  const { verify: words } = useMessages();
  const [state, setState] = useState<'asking' | FetchProblem>();
  const { asked, given } = shown;
  const digest = asked?.digest;
  if (digest === undefined || import.meta.env.VITE_SINGLE_FILE === 'yes') return null;
  const texts = {
    asking: words.asking,
    away: words.serviceAway,
    unknown: words.serviceUnknown,
    pending: words.servicePending,
    refused: words.serviceRefused,
  };
  const ask = async () => {
    setState('asking');
    const fetched = await fetchProof(digest, given?.proof);
    if ('problem' in fetched) {
      setState(fetched.problem);
      return;
    }
    setState(undefined);
    desk.putProof(fetched.proof, given?.name ?? proofFileName({ name: asked?.name ?? '', digest }), given?.id);
  };
  return (
    <div class="stack-small">
      <p class="row">
        <button type="button" class="button small" disabled={state === 'asking'} onClick={() => void ask()}>
          {words.askService}
        </button>
        <small class="muted">{words.askServiceNote}</small>
      </p>
      <p role="status">{state === undefined ? null : texts[state]}</p>
    </div>
  );
}

function Steps({ run }: { run: Run }) {
  const { verify: words } = useMessages();
  return (
    <section aria-label={words.checks}>
      <ol class="steps">
        {STEPS.map((step) => (
          <li key={step} class={`step ${run.steps[step]}`}>
            <StepIcon state={run.steps[step]} />
            <span>
              {words.steps[step]}
              <span class="visually-hidden">: {words.states[run.steps[step]]}</span>
            </span>
          </li>
        ))}
      </ol>
      {run.answers.length === 0 ? null : (
        <ul class="answers muted">
          {run.answers.map(({ endpoint, chain, ok }) => (
            <li key={`${chain} ${endpoint}`} class="break">
              {ok ? words.answered(endpoint) : words.answeredNot(endpoint)}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function StepIcon({ state }: { state: Run['steps'][keyof Run['steps']] }) {
  if (state === 'ok') return <CheckIcon />;
  if (state === 'failed') return <CrossIcon />;
  return <span class="step-dot" aria-hidden="true" />;
}
