import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The source of ChronosAnchors, which is what deploying sends: Scilla is run from its text. */
export const anchorsCode = readFileSync(new URL('../ChronosAnchors.scilla', import.meta.url), 'utf8');

/** SHA-256 of the source's bytes, in hex: what a deployed contract's `GetSmartContractCode` can be held against. */
export const anchorsCodeSha256 = createHash('sha256').update(anchorsCode).digest('hex');

/** An init parameter of a Scilla contract, as the chain wants it. */
export interface InitValue {
  vname: string;
  type: string;
  value: string;
}

/** What a deployment sends beside the code. `owner` is `0x` and 40 hex digits. */
export function anchorsInit(owner: string): InitValue[] {
  return [
    { vname: '_scilla_version', type: 'Uint32', value: '0' },
    { vname: 'initial_owner', type: 'ByStr20', value: owner.toLowerCase() },
  ];
}
