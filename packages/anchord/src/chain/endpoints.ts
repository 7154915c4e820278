import { ChronosError, JsonRpcClient, JsonRpcError, type NoAnswerFault, quantity } from '@chronos/shared';
import type { Clock } from '../clock.js';
import { type EndpointEvent, EndpointHealth, endpointNames, type EndpointState } from './endpoint-health.js';
import { Spell } from '../spell.js';

/** One endpoint of the chain, which serves that chain and no other. */
export type Rpc = Pick<JsonRpcClient, 'call' | 'endpoint'>;

/** A question to one endpoint. A JSON-RPC error that it does not understand itself counts as no answer. */
type Question<T> = (rpc: Rpc) => Promise<T>;

export interface EndpointsOptions {
  rpcUrls: readonly string[];
  /** As proofs name it: `eip155:32769`. */
  chain: string;
  /** The chain that an endpoint serves; how to ask depends on the kind of chain. The EVM's way where not given. */
  readChain?: Question<string>;
  timeoutMs: number;
  clock: Clock;
  /** Told of each call that ended. */
  onCall?: ((call: EndedCall) => void) | undefined;
}

/** `endpoint` as it may be shown. `outcome`: `ok`, `error` for an error that the node answered, or why there was no answer. */
export interface EndedCall {
  chain: string;
  endpoint: string;
  outcome: 'ok' | 'error' | NoAnswerFault;
  seconds: number;
}

interface Endpoint {
  client: Rpc;
  health: EndpointHealth;
  checked: boolean;
  /** Left alone while another answers. */
  restsUntilMs: number;
  /** Not asked at all: it said so. */
  closedUntilMs: number;
}

/** What one endpoint answered. */
export interface Answer<T> {
  endpoint: string;
  answer: T;
}

/** How long an endpoint that gave no answer is left alone while another does: a dead one would hold up every question. */
const REST_MS = 15_000;
/** The longest that an endpoint's `Retry-After` is heeded. */
const MAX_CLOSED_MS = 120_000;

/** The endpoints of a chain. Both questions throw `chain_unreachable` where nobody answers. */
export class Endpoints {
  private readonly closed = new AbortController();
  private readonly endpoints: Endpoint[];
  private readonly disagreements = new Spell();
  private listener: (event: EndpointEvent) => void = () => undefined;

  constructor(private readonly options: EndpointsOptions) {
    const { rpcUrls, timeoutMs } = options;
    if (rpcUrls.length === 0) throw new ChronosError('invalid_settings', `${options.chain} has no RPC endpoint`);
    const clients = rpcUrls.map(
      (url) => new JsonRpcClient(url, { timeoutMs, fetch: (input, init) => this.fetch(input, init) }),
    );
    const names = endpointNames(clients);
    this.endpoints = clients.map((client, at) => ({
      client: this.observed(client, names[at]!),
      health: new EndpointHealth(names[at]!, (event) => {
        this.listener(event);
      }),
      checked: false,
      restsUntilMs: -Infinity,
      closedUntilMs: -Infinity,
    }));
  }

  /** There is one listener. */
  listen(listener: (event: EndpointEvent) => void): void {
    this.listener = listener;
  }

  states(): EndpointState[] {
    const nowMs = this.options.clock.monotonicMs();
    return this.endpoints.map(({ health }) => health.state(nowMs));
  }

  /** Tells how far each endpoint knows the chain; gives the highest of their heights. */
  compare(heights: readonly Answer<{ height: number; finalHeight: number }>[]): {
    height: number;
    finalHeight: number;
  } {
    const height = Math.max(...heights.map(({ answer }) => answer.height));
    const finalHeight = Math.max(...heights.map(({ answer }) => answer.finalHeight));
    const nowMs = this.options.clock.monotonicMs();
    for (const { endpoint, answer } of heights) {
      const { health } = this.endpoints.find(({ health }) => health.name === endpoint)!;
      health.noteFinalHeight(answer.finalHeight, finalHeight, nowMs);
    }
    return { height, finalHeight };
  }

  /** What to throw when the endpoints contradict each other; `about` is the end of the sentence. */
  disagreement(about: string): ChronosError {
    const detail = `the endpoints disagree on ${about}`;
    const repeats = !this.disagreements.note(this.options.clock.monotonicMs());
    this.listener({ event: 'endpoints_disagree', detail, repeats });
    return new ChronosError('chain_unreachable', detail);
  }

  /** Makes sure of the chain that each endpoint serves. One that is down is passed over; another chain throws `invalid_settings`. */
  async check(): Promise<void> {
    const { answers, errors } = await this.askEach(this.endpoints, async () => undefined);
    for (const error of errors) if (!(error instanceof ChronosError) || error.code !== 'chain_unreachable') throw error;
    if (answers.length === 0) throw this.nobody(errors);
  }

  /** The answer of the first endpoint that gives one. */
  async first<T>(question: Question<T>): Promise<T> {
    const errors: unknown[] = [];
    for (const endpoint of [...this.awake(), ...this.resting()]) {
      try {
        return await this.ask(endpoint, question);
      } catch (error) {
        errors.push(error);
      }
    }
    throw this.nobody(errors);
  }

  /** The answers of all endpoints that give one; at least one. */
  async all<T>(question: Question<T>): Promise<T[]> {
    return (await this.each(question)).map(({ answer }) => answer);
  }

  /** The same, with who gave which. */
  async each<T>(question: Question<T>): Promise<Answer<T>[]> {
    const resting = this.resting();
    const asked = await this.askEach(this.awake(), question);
    if (asked.answers.length > 0) return asked.answers;
    const { answers, errors } = await this.askEach(resting, question);
    if (answers.length > 0) return answers;
    throw this.nobody([...asked.errors, ...errors]);
  }

  /** Ends the calls that are under way, as unanswered. */
  close(): void {
    this.closed.abort();
  }

  private fetch(input: Parameters<typeof fetch>[0], init: RequestInit = {}): Promise<Response> {
    const signals = [this.closed.signal, ...(init.signal ? [init.signal] : [])];
    return fetch(input, { ...init, signal: AbortSignal.any(signals) });
  }

  private observed(client: Rpc, name: string): Rpc {
    const { chain, clock, onCall } = this.options;
    if (onCall === undefined) return client;
    return {
      endpoint: client.endpoint,
      call: async (...call) => {
        const startMs = clock.monotonicMs();
        let outcome: EndedCall['outcome'] = 'ok';
        try {
          return await client.call(...call);
        } catch (error) {
          outcome = outcomeOf(error);
          throw error;
        } finally {
          // What we broke off ourselves, because we stop, says nothing of the endpoint.
          const seconds = (clock.monotonicMs() - startMs) / 1000;
          if (!this.closed.signal.aborted) onCall({ chain, endpoint: name, outcome, seconds });
        }
      },
    };
  }

  private async askEach<T>(endpoints: readonly Endpoint[], question: Question<T>) {
    const results = await Promise.allSettled(endpoints.map((endpoint) => this.ask(endpoint, question)));
    const answers = results.flatMap((result, at) =>
      result.status === 'fulfilled' ? [{ endpoint: endpoints[at]!.health.name, answer: result.value }] : [],
    );
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    return { answers, errors };
  }

  private async ask<T>(endpoint: Endpoint, question: Question<T>): Promise<T> {
    const { clock } = this.options;
    if (endpoint.closedUntilMs > clock.monotonicMs()) throw closedError(endpoint, clock.monotonicMs());
    try {
      await this.checkChain(endpoint);
      const answer = await question(endpoint.client);
      endpoint.restsUntilMs = -Infinity;
      endpoint.health.noteAnswer(clock.monotonicMs());
      return answer;
    } catch (error) {
      // What comes back after an outage may be another node, behind the same name.
      endpoint.checked = false;
      const nowMs = clock.monotonicMs();
      endpoint.restsUntilMs = nowMs + REST_MS;
      const { retryAfterSeconds = 0 } = error instanceof ChronosError ? error.details : {};
      endpoint.closedUntilMs = nowMs + Math.min(retryAfterSeconds * 1000, MAX_CLOSED_MS);
      // The calls that closing breaks off are no fault of the endpoint.
      if (!this.closed.signal.aborted) endpoint.health.noteFault(error, nowMs);
      throw error;
    }
  }

  private async checkChain(endpoint: Endpoint): Promise<void> {
    if (endpoint.checked) return;
    const { readChain = readEvmChain } = this.options;
    const served = await readChain(endpoint.client);
    if (served !== this.options.chain) {
      const { endpoint: name } = endpoint.client;
      throw new ChronosError('invalid_settings', `${name} serves chain ${served}, not ${this.options.chain}`);
    }
    endpoint.checked = true;
  }

  private awake() {
    return this.endpoints.filter(({ restsUntilMs }) => restsUntilMs <= this.options.clock.monotonicMs());
  }

  private resting() {
    return this.endpoints.filter(({ restsUntilMs }) => restsUntilMs > this.options.clock.monotonicMs());
  }

  private nobody(errors: unknown[]): ChronosError {
    const unexpected = errors.find((error) => !(error instanceof ChronosError || error instanceof JsonRpcError));
    if (unexpected !== undefined) throw unexpected;
    const told = errors.map((error) => {
      const { details } = error as ChronosError;
      const name = details?.['endpoint'];
      return typeof name === 'string' ? `${name}: ${(error as Error).message}` : (error as Error).message;
    });
    return new ChronosError('chain_unreachable', told.join('; '), {}, errors[0]);
  }
}

function outcomeOf(error: unknown): EndedCall['outcome'] {
  return error instanceof ChronosError ? ((error.details['fault'] as NoAnswerFault | undefined) ?? 'error') : 'error';
}

function closedError({ client, closedUntilMs }: Endpoint, nowMs: number): ChronosError {
  const seconds = Math.ceil((closedUntilMs - nowMs) / 1000);
  return new ChronosError('chain_unreachable', `it asked to be left alone for ${seconds} s more`, {
    endpoint: client.endpoint,
  });
}

async function readEvmChain(rpc: Rpc): Promise<string> {
  return `eip155:${await rpc.call('eth_chainId', [], quantity)}`;
}
