import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import {
  ChronosError,
  decodeProofItems,
  HASH_BYTES,
  isErrorCode,
  PRIVATE_PATHS,
  problemSchema,
  type ProofItem,
  RECEIPT_BYTES,
} from '@chronos/shared';
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import type { Clock } from '../clock.js';
import { newRequestId } from '../http/exchange.js';
import { backendUnavailable } from '../http/problem.js';
import type { Logger } from '../logger.js';
import type { PrivateToken } from './private-token.js';
import type { CallName, CallOutcome, ProxyMetrics } from '../metrics.js';

/** The largest reply that is read: 1,024 proofs at their largest, with room. */
const MAX_REPLY_BYTES = 64 * 1024 * 1024;

/** In PEM: what we show, and the authority whose certificate anchord has to show. */
export interface MutualTls {
  cert: string;
  key: string;
  ca: string;
}

export interface AnchordClientOptions {
  url: string;
  token: PrivateToken;
  tls?: MutualTls;
  /** For a call and its whole reply. */
  timeoutMs: number;
  logger: Logger;
  clock: Pick<Clock, 'monotonicMs'>;
  metrics: Pick<ProxyMetrics, 'called'>;
}

interface Call {
  name: CallName;
  method: 'GET' | 'POST';
  path: string;
  body?: Buffer;
  /** The first is given on to anchord as the call's id, so that its log and ours can be laid side by side. */
  requestIds: readonly [string, ...string[]];
  timeoutMs: number;
  signal?: AbortSignal;
}

/** An answer of anchord that is made for the public. */
export interface PublicAnswer {
  status: number;
  contentType: string;
  cacheControl: string;
  body: Buffer;
}

/**
 * The private API of anchord, private-protocol.ts. Every method throws `backend_unavailable` where no answer came, and anchord's own error
 * where it answered one. Nothing is tried twice, but for a call that was refused with a token that has changed meanwhile.
 */
export class AnchordClient {
  private readonly http: AxiosInstance;
  private readonly agents: readonly [HttpAgent, HttpsAgent];

  constructor(private readonly options: AnchordClientOptions) {
    this.agents = [
      new HttpAgent({ keepAlive: true }),
      new HttpsAgent({
        keepAlive: true,
        ...(options.tls === undefined ? {} : { ...options.tls, minVersion: 'TLSv1.3' }),
      }),
    ];
    this.http = axios.create({
      baseURL: options.url,
      httpAgent: this.agents[0],
      httpsAgent: this.agents[1],
      headers: { 'user-agent': 'chronos-proxy' },
      responseType: 'arraybuffer',
      decompress: false,
      maxRedirects: 0,
      maxBodyLength: MAX_REPLY_BYTES,
      maxContentLength: MAX_REPLY_BYTES,
      proxy: false,
      validateStatus: () => true,
      transformRequest: [(data: unknown) => data],
      transformResponse: [(data: unknown) => data],
    });
  }

  /** The receipts of n digests, 33 bytes each, in the same order. Once this resolves the digests are durable. */
  async submit(digests: Buffer, requestIds: readonly string[]): Promise<Buffer> {
    const { data } = await this.post('submit', PRIVATE_PATHS.digests, digests, requestIds);
    if (data.length !== (digests.length / HASH_BYTES) * RECEIPT_BYTES) {
      throw new Error(`anchord answered ${data.length} bytes of receipts to ${digests.length} bytes of digests`);
    }
    return data;
  }

  async findProofs(digests: Buffer, requestIds: readonly string[]): Promise<ProofItem[]> {
    const { data } = await this.post('proofs', PRIVATE_PATHS.proofs, digests, requestIds);
    return decodeProofItems(data, digests.length / HASH_BYTES);
  }

  /** Whether the window has become final within `waitSeconds`. */
  async waitForWindow(id: number, waitSeconds: number, signal: AbortSignal): Promise<boolean> {
    const { status } = await this.call({
      name: 'wait',
      method: 'GET',
      path: `/windows/${id}/final?wait=${waitSeconds}`,
      requestIds: [newRequestId()],
      timeoutMs: waitSeconds * 1000 + this.options.timeoutMs,
      signal,
    });
    return status === 204;
  }

  /** A GET that anchord answers for the public. */
  async get(path: string, requestId: string): Promise<PublicAnswer> {
    const { timeoutMs } = this.options;
    const call: Call = { name: 'pass_on', method: 'GET', path, requestIds: [requestId], timeoutMs };
    const { status, headers, data } = await this.call(call);
    return {
      status,
      contentType: textOf(headers['content-type']) ?? 'application/json',
      cacheControl: textOf(headers['cache-control']) ?? 'no-store',
      body: data,
    };
  }

  async isReady(timeoutMs: number): Promise<boolean> {
    try {
      await this.call({ name: 'ready', method: 'GET', path: '/readyz', requestIds: [newRequestId()], timeoutMs });
      return true;
    } catch (error) {
      if (error instanceof ChronosError) return false;
      throw error;
    }
  }

  close(): void {
    for (const agent of this.agents) agent.destroy();
  }

  private post(name: CallName, path: string, body: Buffer, [first, ...others]: readonly string[]) {
    const requestIds = [first ?? newRequestId(), ...others] as const;
    return this.call({ name, method: 'POST', path, body, requestIds, timeoutMs: this.options.timeoutMs });
  }

  private async call(call: Call): Promise<AxiosResponse<Buffer>> {
    const { clock, metrics, logger } = this.options;
    const startedMs = clock.monotonicMs();
    let outcome: CallOutcome = 'unreachable';
    try {
      const response = await this.sendWithToken(call);
      const { status } = response;
      outcome = status === 401 ? 'unauthorized' : status >= 300 ? 'refused' : 'ok';
      if (outcome !== 'ok') throw this.problem(response, call);
      logger.debug({ ...idsOf(call), path: call.path, status }, 'anchord answered');
      return response;
    } finally {
      const digests = call.body === undefined ? undefined : call.body.length / HASH_BYTES;
      metrics.called(call.name, outcome, clock.monotonicMs() - startedMs, digests);
    }
  }

  private async sendWithToken(call: Call): Promise<AxiosResponse<Buffer>> {
    const { token } = this.options;
    const sent = token.current;
    const response = await this.send(call, sent);
    return response.status === 401 && token.isChanged(sent) ? this.send(call, token.current) : response;
  }

  private async send(call: Call, token: string): Promise<AxiosResponse<Buffer>> {
    const { method, path, body, timeoutMs, signal } = call;
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      return await this.http.request<Buffer>({
        method,
        url: path,
        data: body,
        signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
        headers: {
          authorization: `Bearer ${token}`,
          'x-request-id': call.requestIds[0],
          ...(body === undefined ? {} : { 'content-type': 'application/octet-stream' }),
        },
      });
    } catch (cause) {
      const why = deadline.aborted ? `no answer within ${timeoutMs} ms` : (cause as { code?: unknown }).code;
      if (signal?.aborted !== true)
        this.options.logger.warn({ ...idsOf(call), path, why }, 'anchord cannot be reached');
      throw backendUnavailable('the collecting service cannot be reached at the moment: send the request again', cause);
    }
  }

  /** Anchord's own error, or ours where the answer is none that the public could use. */
  private problem({ status, headers, data }: AxiosResponse<Buffer>, call: Call): ChronosError {
    const problem = problemSchema.safeParse(parseJson(data));
    if (status === 401 || !problem.success || !isErrorCode(problem.data.code)) {
      this.options.logger.error(
        { ...idsOf(call), path: call.path, status },
        'anchord refuses the call: do the tokens differ?',
      );
      return backendUnavailable('the collecting service gave no usable answer: send the request again');
    }
    const { code, detail, field, index } = problem.data;
    const isOurs = status >= 500; // anything else is an answer to what the client asked
    this.options.logger[isOurs ? 'warn' : 'debug']({ ...idsOf(call), path: call.path, code }, 'anchord refused a call');
    const retryAfter = Number(headers['retry-after']);
    return new ChronosError(code, detail, {
      ...(field === undefined ? {} : { field }),
      ...(index === undefined ? {} : { index }),
      ...(Number.isSafeInteger(retryAfter) ? { retryAfterSeconds: retryAfter } : {}),
    });
  }
}

/** The call's id, and where several requests travelled in it, the ids of all: each of their clients was told its own. */
function idsOf({ requestIds }: Call): { requestId: string; requestIds?: readonly string[] } {
  return { requestId: requestIds[0], ...(requestIds.length > 1 ? { requestIds } : {}) };
}

function textOf(header: unknown): string | undefined {
  return typeof header === 'string' ? header : undefined;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch {
    return undefined; // no problem+json, and told as such
  }
}
