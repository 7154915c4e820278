import type { IncomingMessage } from 'node:http';
import { parseDigest } from '@chronos/shared';
import { z } from 'zod';
import { invalidRequest } from './problem.js';

const nothing = z.strictObject({});

/** The query of a request, by its schema. A parameter that is given twice becomes an array, which no schema takes. */
export function readQuery<T>({ url = '' }: IncomingMessage, schema: z.ZodType<T>): T {
  const start = url.indexOf('?');
  const given = new URLSearchParams(start < 0 ? '' : url.slice(start));
  const values = new Map<string, string | string[]>();
  for (const name of given.keys()) {
    const all = given.getAll(name);
    values.set(name, all.length === 1 ? all[0]! : all);
  }
  const result = schema.safeParse(Object.fromEntries(values));
  if (result.success) return result.data;
  throw queryFault(result.error);
}

/** For paths that take no query. */
export function refuseQuery(req: IncomingMessage): void {
  if (req.url?.includes('?') === true) readQuery(req, nothing);
}

function queryFault({ issues }: z.ZodError) {
  const issue = issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const name = issue.keys[0]!.slice(0, 40);
    return invalidRequest(`${JSON.stringify(name)} is not a parameter of this path: leave it out`, { field: name });
  }
  const field = issue.path.join('.');
  return invalidRequest(`${field} ${issue.message}`, { field });
}

/** The digest in a path, in hex. Throws `invalid_digest`. */
export function digestParam(params: Readonly<Record<string, string>>): string {
  const digest = params['digest'] ?? '';
  parseDigest(digest);
  return digest;
}
