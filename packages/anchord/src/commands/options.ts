import type { Command } from 'commander';

/** What `--scilla` chooses, wherever it stands. */
export const ON_NATIVE = "on Zilliqa's native side (Scilla)";

/** A command that is the default one gets mistyped names as arguments: they are told for what they are. */
export function refuseUnknown(command: Command): void {
  const [unknown] = command.args;
  const parent = command.parent;
  if (unknown === undefined || parent === null) return;
  const path = parent.parent === null ? parent.name() : `${parent.parent.name()} ${parent.name()}`;
  const known = parent.commands.map((each) => each.name()).join(', ');
  command.error(`error: unknown command '${unknown}': there are ${known} (${path} --help)`);
}

/** What `--json` does, wherever it stands. */
export const AS_JSON = 'print one JSON object';
