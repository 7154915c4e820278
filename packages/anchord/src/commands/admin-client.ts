import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { ChronosError, isErrorCode, problemSchema } from '@chronos/shared';
import type { AdminConfig } from '../config.js';
import { readTokenFile } from '../token-file.js';

export interface AdminAnswer {
  status: number;
  body: unknown;
}

const USUAL_TIMEOUT_MS = 15_000;

/**
 * Asks the admin API of a running anchord. Throws `service_unreachable` where none answers, and its own error where it answers one. A call
 * without a time-out waits for as long as the work takes.
 */
export async function askAdmin(
  config: AdminConfig,
  method: 'GET' | 'POST',
  path: string,
  { body, timeoutMs = USUAL_TIMEOUT_MS }: { body?: object; timeoutMs?: number } = {},
): Promise<AdminAnswer> {
  const [token] = readTokenFile(config.tokenFile);
  const answer = await send(config, { method, path, authorization: `Bearer ${token}` }, body, timeoutMs);
  const problem = problemSchema.safeParse(answer.body);
  if (!problem.success || !isErrorCode(problem.data.code)) return answer;
  const { code, detail, requestId } = problem.data;
  if (code === 'unauthorized') {
    throw new ChronosError(
      code,
      `anchord at ${config.url} refuses the token in ${config.tokenFile}: is it the one that CHRONOS_ADMIN_TOKEN_FILE names there?`,
    );
  }
  throw new ChronosError(code, `${detail} (request ${requestId})`);
}

async function send(
  { url }: AdminConfig,
  { method, path, authorization }: { method: string; path: string; authorization: string },
  body: object | undefined,
  timeoutMs: number,
): Promise<AdminAnswer> {
  const address = new URL(url + path);
  const send = address.protocol === 'https:' ? overHttps : overHttp;
  const unreachable = (why: string, cause?: unknown) =>
    new ChronosError(
      'service_unreachable',
      `${why}: is anchord running, and is ${url} its admin port (CHRONOS_ADMIN_URL, or CHRONOS_ADMIN_HOST and CHRONOS_ADMIN_PORT)?`,
      {},
      cause,
    );
  return new Promise((resolve, reject) => {
    const request = send(address, { method, headers: { authorization, 'content-type': 'application/json' } });
    // Of silence, not of the whole: a backup says nothing until it is done, and has no time-out.
    if (timeoutMs > 0) {
      request.setTimeout(timeoutMs, () => {
        request.destroy();
        reject(unreachable(`${url} gave no answer within ${timeoutMs / 1000} s`));
      });
    }
    request.once('error', (cause: NodeJS.ErrnoException) => {
      reject(unreachable(`${url} cannot be reached (${cause.code ?? cause.message})`, cause));
    });
    request.once('response', (response) => {
      text(response)
        .then((json) => {
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(json) as unknown });
        })
        .catch((cause: unknown) => {
          reject(unreachable(`what ${url} answers is not JSON`, cause));
        });
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
