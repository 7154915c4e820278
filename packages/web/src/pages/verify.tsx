import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { DigestForm } from '../components/digest-form.js';
import { DropZone } from '../components/drop-zone.js';
import { PageHeading } from '../components/heading.js';
import { LANGUAGES, useMessages } from '../i18n/language.js';
import { isKnownAnchor, type Proof } from '../service/shared.js';
import { Desk, type Shown } from '../verifying/desk.js';
import { Endpoints } from '../verifying/endpoint-fields.js';
import { endpointsOf } from '../verifying/endpoints.js';
import { takeHandover } from '../verifying/handover.js';
import { KeepThePage } from '../verifying/keep-the-page.js';
import { Result } from '../verifying/result.js';
import { startWorker } from '../verifying/start-worker.js';

const MAINNET = 'eip155:32769';

/** Verifies documents with their proofs, by asking the chain from here. */
export function VerifyPage() {
  const { titles, verify: words } = useMessages();
  const { desk, shown } = useDesk();
  const chains = [...new Set(shown.flatMap(({ run, given }) => chainsOf(run?.proof ?? given?.proof)))];
  return (
    <div class="stack verify">
      <div class="stack lead">
        <PageHeading title={titles.verify} />
        <p>{words.intro}</p>
      </div>
      <section class="stack-small" aria-label={words.section}>
        <DropZone
          words={words.drop}
          isCompact={shown.length > 0}
          onFiles={(files) => void desk.add(files.map(({ file }) => file))}
        />
        <DigestForm
          words={words.digestForm}
          onDigests={(digests) => {
            for (const digest of digests) desk.addDigest(digest);
          }}
        />
      </section>
      {shown.length === 0 ? null : (
        <section class="stack" aria-label={words.results}>
          <div class="row spread">
            <h2>{words.results}</h2>
            <button
              type="button"
              class="button small quiet"
              onClick={() => {
                desk.clear();
              }}
            >
              {words.clear}
            </button>
          </div>
          {shown.map((one) => (
            <Result key={one.id} shown={one} desk={desk} />
          ))}
        </section>
      )}
      <Endpoints
        chains={chains.length === 0 ? [MAINNET] : chains}
        onChange={() => {
          desk.again();
        }}
      />
      <KeepThePage />
    </div>
  );
}

function chainsOf(proof: Proof | undefined): string[] {
  return (proof?.anchors ?? []).filter(isKnownAnchor).map(({ chain }) => chain);
}

function useDesk(): { desk: Desk; shown: Shown[] } {
  const [, setVersion] = useState(0);
  const desk = useMemo(
    () =>
      new Desk(startWorker, endpointsOf, () => {
        setVersion((version) => version + 1);
      }),
    [],
  );
  const isStarted = useRef(false);
  useEffect(() => {
    if (isStarted.current) return;
    isStarted.current = true;
    for (const { load } of Object.values(LANGUAGES)) void load(); // while the service is there
    void desk.add(takeHandover());
    // The QR code of a certificate leads here, with the digest where no server sees it.
    const digest = /^#([0-9a-f]{64})$/.exec(location.hash)?.[1];
    if (digest !== undefined) desk.addDigest(digest);
  }, [desk]);
  return { desk, shown: desk.shown };
}
