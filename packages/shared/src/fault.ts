import type { z } from 'zod';

/** What is wrong with a value that a schema refused. */
export interface Fault {
  /** Where, as keys and indexes from the outside in; empty for the value itself. */
  path: readonly PropertyKey[];
  /** The path for people: `digests[3]`, `anchors[0].block.hash`; '' for the value itself. */
  field: string;
  /** What, as the end of a sentence that starts with the field. */
  message: string;
}

/** The first fault that a schema found. Of a union's branches, the one that the value comes closest to speaks. */
export function firstFault(error: z.core.$ZodError): Fault {
  const { path, message } = innermost(error.issues[0]!);
  const field = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return { path, field: field.replace(/^\./, ''), message };
}

type Issue = z.core.$ZodIssue;

function innermost(issue: Issue): { path: readonly PropertyKey[]; message: string } {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const [closest] = issue.errors.toSorted((a, b) => strangeKeys(a) - strangeKeys(b) || depth(b) - depth(a));
  const first = closest?.[0];
  if (first === undefined) return issue;
  const { path, message } = innermost(first);
  return { path: [...issue.path, ...path], message };
}

/** How many keys a branch of a union does not know: the fewer, the more likely it is the one that was meant. */
function strangeKeys(branch: readonly Issue[]): number {
  return branch.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);
}

function depth([first]: readonly Issue[]): number {
  return first === undefined ? 0 : innermost(first).path.length;
}
