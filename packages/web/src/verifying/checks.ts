import {
  type Anchor,
  type AnchorOutcome,
  type AnchorProblem,
  chainReaders,
  checkAnchor,
  fromHex,
  isKnownAnchor,
  type Proof,
  VERIFY_CODES,
  type VerifyCode,
  verifyStructure,
} from '../service/shared.js';
import { refusesPages } from './refuses-pages.js';

/** The checks as a person is shown them, in the order in which they are made. */
export const STEPS = ['format', 'digest', 'inclusion', 'log', 'complete', 'chain', 'final'] as const;
export type StepName = (typeof STEPS)[number];
export type StepState = 'waiting' | 'running' | 'ok' | 'failed';

/** What is wrong, closer than its code; `cors`: the endpoint is there, and lets no page ask it. */
export type Problem = AnchorProblem | 'cors' | 'no_endpoint';

export interface Failure {
  code: VerifyCode;
  problem?: Problem;
  /** The endpoint that says so. */
  endpoint?: string;
  chain?: string;
  /** The verifier's own words, in English. */
  message: string;
}

export interface Run {
  steps: Readonly<Record<StepName, StepState>>;
  proof?: Proof;
  /** What each endpoint said. */
  answers: { endpoint: string; chain: string; ok: boolean }[];
  outcome?: { ok: true } | { ok: false; failure: Failure };
}

export const NOTHING_RUN: Run = {
  steps: {
    format: 'waiting',
    digest: 'waiting',
    inclusion: 'waiting',
    log: 'waiting',
    complete: 'waiting',
    chain: 'waiting',
    final: 'waiting',
  },
  answers: [],
};

/** Verifies a proof of `digest` against the endpoints, and tells how it goes: first what needs no chain, then what each endpoint says. */
export async function runChecks(
  {
    digest,
    proofText,
    endpoints,
  }: { digest: string; proofText: string; endpoints: (chain: string) => readonly string[] },
  onChange: (run: Run) => void,
): Promise<void> {
  const structure = verifyStructure(fromHex(digest), proofText);
  const steps = { ...NOTHING_RUN.steps };
  for (const { name, ok } of structure.checks) if (name !== 'anchor') steps[name] = ok ? 'ok' : 'failed';
  if (!structure.ok) {
    const { code, message, proof } = structure;
    onChange({
      steps,
      answers: [],
      outcome: { ok: false, failure: { code, message } },
      ...(proof === undefined ? {} : { proof }),
    });
    return;
  }
  const { proof } = structure;
  let run: Run = { steps: { ...steps, chain: 'running', final: 'running' }, answers: [], proof };
  onChange(run);
  const failures: Failure[] = [];
  await Promise.all(
    proof.anchors.filter(isKnownAnchor).flatMap((anchor) =>
      askAll(anchor, proof, endpoints(anchor.chain)).map(async (asked) => {
        const { endpoint, failure } = await asked;
        if (failure !== undefined) failures.push(failure);
        run = { ...run, answers: [...run.answers, { endpoint, chain: anchor.chain, ok: failure === undefined }] };
        onChange(run);
      }),
    ),
  );
  const [worst] = failures.toSorted((a, b) => VERIFY_CODES.indexOf(a.code) - VERIFY_CODES.indexOf(b.code));
  if (worst === undefined) {
    onChange({ ...run, steps: { ...steps, chain: 'ok', final: 'ok' }, outcome: { ok: true } });
    return;
  }
  const isOnChain = worst.code === 'not_final';
  onChange({
    ...run,
    steps: { ...steps, chain: isOnChain ? 'ok' : 'failed', final: isOnChain ? 'failed' : 'waiting' },
    outcome: { ok: false, failure: worst },
  });
}

interface Answer {
  endpoint: string;
  failure?: Failure;
}

function askAll(anchor: Anchor, proof: Proof, urls: readonly string[]): Promise<Answer>[] {
  const { chain } = anchor;
  if (urls.length === 0) {
    const message = `no endpoint is known for chain ${chain}: name one`;
    return [
      Promise.resolve({ endpoint: '', failure: { code: 'chain_unreachable', problem: 'no_endpoint', chain, message } }),
    ];
  }
  return chainReaders(chain, urls).map(async (reader, index) => {
    const { endpoint } = reader;
    const outcome = await checkAnchor(reader, anchor, proof);
    if (outcome.ok) return { endpoint };
    const problem = await problemOf(outcome, urls[index]!);
    const { code, message } = outcome;
    return { endpoint, failure: { code, message, endpoint, chain, ...(problem === undefined ? {} : { problem }) } };
  });
}

async function problemOf(outcome: AnchorOutcome & { ok: false }, url: string): Promise<Problem | undefined> {
  return outcome.problem === 'no_answer' && (await refusesPages(url)) ? 'cors' : outcome.problem;
}
