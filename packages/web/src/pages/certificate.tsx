import { type Certificate, makeCertificate } from '@chronos/certificate';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { certificateRequest } from '../certifying/request.js';
import { Sheet } from '../certifying/sheet.js';
import { PageHeading } from '../components/heading.js';
import { DownloadIcon } from '../components/icons.js';
import { useLanguage, useMessages } from '../i18n/language.js';
import { Link } from '../router.js';
import { parseProof } from '../service/shared.js';
import { download } from '../device/download.js';
import { type Failure, NOTHING_RUN, type Run, runChecks } from '../verifying/checks.js';
import { endpointsOf } from '../verifying/endpoints.js';

type Request = NonNullable<ReturnType<typeof certificateRequest>>;

/** The certificate of a complete proof, which is checked against the chain first. */
export function CertificatePage() {
  const { titles, certificate: words } = useMessages();
  const [request] = useState(certificateRequest);
  return (
    <div class="stack">
      <div class="no-print stack-small">
        <PageHeading title={titles.certificate} />
        {request === undefined ? (
          <>
            <p>{words.none}</p>
            <p>
              <Link href="/verify" class="button">
                {words.toVerify}
              </Link>
            </p>
          </>
        ) : null}
      </div>
      {request === undefined ? null : <Checked request={request} />}
    </div>
  );
}

function Checked({ request }: { request: Request }) {
  const { certificate: words } = useMessages();
  const [round, setRound] = useState(0);
  const [run, setRun] = useState<Run>(NOTHING_RUN);
  const [isOffline, setOffline] = useState(false);
  const digest = useMemo(() => parseProof(request.proofText).digest.value, [request]);
  useEffect(() => {
    let isWanted = true;
    setRun(NOTHING_RUN);
    void runChecks({ digest, proofText: request.proofText, endpoints: endpointsOf }, (next) => {
      if (isWanted) setRun(next);
    });
    return () => {
      isWanted = false;
    };
  }, [digest, request, round]);
  const { outcome } = run;
  if (isOffline) return <Ready request={request} endpoints={[]} />;
  if (outcome === undefined) return <p role="status">{words.checking}</p>;
  if (outcome.ok) return <Ready request={request} endpoints={run.answers.map(({ endpoint }) => endpoint)} />;
  return (
    <Refused
      failure={outcome.failure}
      onAgain={() => {
        setRound(round + 1);
      }}
      onOffline={() => {
        setOffline(true);
      }}
    />
  );
}

function Refused({ failure, onAgain, onOffline }: { failure: Failure; onAgain: () => void; onOffline: () => void }) {
  const { certificate: words, verify } = useMessages();
  const isUnreachable = failure.code === 'chain_unreachable';
  return (
    <div class={`note stack-small ${isUnreachable ? 'caution' : 'fault'}`} role="status">
      <p>
        <strong>{words.refused}</strong> {verify.failTitle[failure.code]}.
      </p>
      {failure.problem === undefined ? null : <p>{verify.problems[failure.problem]}</p>}
      <p class="row">
        <button type="button" class="button small" onClick={onAgain}>
          {verify.again}
        </button>
        {isUnreachable ? (
          <button type="button" class="button small" onClick={onOffline}>
            {words.withoutChain}
          </button>
        ) : null}
      </p>
    </div>
  );
}

function Ready({ request, endpoints }: { request: Request; endpoints: readonly string[] }) {
  const { certificate: words } = useMessages();
  const { language } = useLanguage();
  const [state, setState] = useState<'making' | 'failed'>();
  const made = useMemo(
    () =>
      makeCertificate({
        proof: parseProof(request.proofText),
        language,
        timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
        serviceUrl: location.origin,
        // In one order, however they answered: the same proof makes the same certificate.
        endpoints: [...endpoints].sort(),
        ...(request.fileName === undefined ? {} : { fileName: request.fileName }),
      }),
    [request, endpoints, language],
  );
  const save = async () => {
    setState('making');
    try {
      const { pdfOf } = await import('../certifying/pdf.js');
      download(pdfName(made), await pdfOf(made), 'application/pdf');
      setState(undefined);
    } catch {
      setState('failed');
    }
  };
  return (
    <>
      <div class="no-print stack-small">
        <p class="muted">{words.intro}</p>
        <p class="row">
          <button type="button" class="button primary" disabled={state === 'making'} onClick={() => void save()}>
            <DownloadIcon />
            {words.savePdf}
          </button>
          <button
            type="button"
            class="button"
            onClick={() => {
              print();
            }}
          >
            {words.print}
          </button>
        </p>
        <p role="status">{state === undefined ? null : words[state]}</p>
      </div>
      <Sheet certificate={made} />
    </>
  );
}

/** Called like the proof that it carries. */
function pdfName({ proof }: Certificate): string {
  return proof.fileName.replace(/\.chronos\.json$/, '.certificate.pdf');
}
