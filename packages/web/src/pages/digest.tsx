import { type ChronosError, earliestAnchor, type Proof, type WindowReply } from '@chronos/shared';
import { useEffect, useState } from 'preact/hooks';
import { nowMs, pause } from '../clock.js';
import { CopyButton } from '../components/copy-button.js';
import { DigestText } from '../components/digest-text.js';
import { PageHeading } from '../components/heading.js';
import { ProofActions } from '../components/proof-actions.js';
import { ProofFacts } from '../components/proof-facts.js';
import { Timeline } from '../components/timeline.js';
import { Trouble } from '../components/trouble.js';
import { useNow } from '../components/use-now.js';
import { useMessages } from '../i18n/language.js';
import type { Route } from '../router.js';
import { Link } from '../router.js';
import { service } from '../service/client.js';
import { poll } from '../service/poll.js';

const HOLD_SECONDS = 20;

interface Found {
  proof?: Proof;
  /** The service does not know it. */
  isUnknown: boolean;
  isAway: boolean;
  sent?: NonNullable<WindowReply['sent']>[number] | undefined;
}

/** What the service knows of a digest: to be shared, and no file is needed. */
export function DigestPage({ route }: { route: Route }) {
  const digest = route.page === 'digest' ? route.digest : '';
  const messages = useMessages();
  const { titles, digest: words, facts } = messages;
  const { proof, isUnknown, isAway, sent } = useDigest(digest);
  const anchor = proof === undefined ? undefined : earliestAnchor(proof);
  const now = useNow(proof !== undefined && anchor === undefined);
  return (
    <div class="stack">
      <PageHeading title={titles.digest} />
      <p>
        <DigestText digest={digest} what={facts.digest} />
      </p>
      <Trouble isAway={isAway} />
      {isUnknown ? <Unknown /> : null}
      {proof === undefined ? (
        isUnknown || isAway ? null : (
          <p role="status">{messages.common.loading}</p>
        )
      ) : (
        <div class="card stack">
          <Timeline
            hashedHere={false}
            receivedAt={proof.receivedAt}
            window={proof.window}
            sent={sent}
            anchor={anchor}
            nowMs={now}
          />
          <p role="status" class={anchor === undefined ? '' : 'visually-hidden'}>
            {anchor === undefined ? words.underWay : words.complete}
          </p>
          {anchor === undefined ? null : <ProofFacts anchor={anchor} />}
          <div class="row">
            <ProofActions proof={proof} name="" />
            <CopyButton text={location.href} what={words.link} label={words.copyLink} />
          </div>
        </div>
      )}
      <p class="muted">{words.lookUpNote}</p>
    </div>
  );
}

function Unknown() {
  const { digest: words } = useMessages();
  return (
    <div class="note stack-small" role="status">
      <p>
        <strong>{words.unknown}</strong>
      </p>
      <p>{words.unknownNote}</p>
      <p>
        <Link href="/" class="button">
          {words.toStamp}
        </Link>
      </p>
    </div>
  );
}

function useDigest(digest: string): Found {
  const [found, setFound] = useState<Found>({ isUnknown: false, isAway: false });
  useEffect(() => {
    const stop = new AbortController();
    let waitSeconds = 0;
    void poll({
      ask: async () => {
        const client = await service();
        try {
          return await client.proof(digest, { waitSeconds });
        } catch (error) {
          if ((error as ChronosError).code === 'unknown_digest') return undefined;
          throw error;
        }
      },
      onAnswer: (reply) => {
        setFound(({ sent }) => ({
          isAway: false,
          isUnknown: reply === undefined,
          ...(reply === undefined ? {} : { proof: reply.proof, sent }),
        }));
        if (reply === undefined || reply.complete) {
          stop.abort();
          return undefined;
        }
        if (waitSeconds === 0) void watch(reply.proof);
        // The answer was held back for its time; only one that came at once is not asked for again at once.
        waitSeconds = HOLD_SECONDS;
        return 500;
      },
      onFault: () => {
        setFound((before) => ({ ...before, isAway: true }));
      },
      signal: stop.signal,
    });
    const watch = async ({ window }: Proof) => {
      await pause((window.id + window.seconds) * 1000 - nowMs(), stop.signal);
      await poll({
        ask: async () => (await service()).window(window.id),
        onAnswer: ({ sent, status }) => {
          setFound((before) => ({ ...before, sent: sent?.[0] }));
          return status === 'final' ? undefined : 1_500;
        },
        onFault: () => undefined, // the held request meets the same, and tells it
        signal: stop.signal,
      });
    };
    return () => {
      stop.abort();
    };
  }, [digest]);
  return found;
}
