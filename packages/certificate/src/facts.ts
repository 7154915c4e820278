import { type Anchor, explorerLink, findNetwork, isoTime } from '@chronos/shared';
import type { CertificateInput, Fact } from './model.js';
import { shownName } from './shown-name.js';
import { plainUtc } from './times.js';
import type { Words } from './words/words.js';

/** The chain for people: `Zilliqa mainnet (eip155:32769)`. */
export function chainTitle(chain: string, words: Words): string {
  const network = findNetwork(chain);
  return network === undefined ? `${words.otherChain} ${chain}` : `${words.chainTitle[network.name]} (${chain})`;
}

/** The warning that belongs to a chain; none for Zilliqa's mainnet. */
export function warningOf(chain: string, words: Words): string | undefined {
  const network = findNetwork(chain);
  if (network === undefined) return words.unknownChain;
  if (network.name === 'local') return words.trialLocal;
  return network.name === 'testnet' ? words.trialTestnet : undefined;
}

/** 9999-12-31, in seconds since 1970. */
const CALENDAR_END = 253_402_300_800;

/** What the proof says of the digest, its window, and the checks made. */
export function factsOf(
  { proof, fileName, endpoints }: CertificateInput,
  words: Words,
  time: { utc: string; local?: string },
): Fact[] {
  const { window, inclusion } = proof;
  const size = inclusion?.treeSize ?? 0;
  const position = (inclusion?.leafIndex ?? 0) + 1;
  // A window is any number as far as the format goes; the calendar ends before.
  const windowStart = window.id < CALENDAR_END ? plainUtc(isoTime(window.id * 1000)) : String(window.id);
  return [
    ...(fileName === undefined
      ? []
      : [{ label: words.fileName, value: shownName(fileName), note: words.fileNameNote }]),
    { label: `${words.digest} (${words.algorithm})`, value: proof.digest.value, mono: true },
    ...(proof.blinding === undefined
      ? []
      : [{ label: words.blinding, value: proof.blinding, note: words.blinded, mono: true }]),
    { label: words.noLaterThan, value: time.utc },
    ...(time.local === undefined ? [] : [{ label: words.localTime, value: time.local }]),
    { label: words.window, value: words.windowValue(window.seconds, windowStart, position, size) },
    { label: words.root, value: inclusion?.root ?? '', mono: true },
    {
      label: words.checked,
      value: endpoints.length === 0 ? words.checkedOffline : words.checkedOnChain(originsOf(endpoints)),
    },
  ];
}

/** Where endpoints are, without their paths: a key to a paid endpoint may stand there, and certificates are passed on. */
function originsOf(endpoints: readonly string[]): string {
  return [...new Set(endpoints.map((endpoint) => new URL(endpoint).origin))].join(', ');
}

/** Where one anchor stands on its chain. */
export function anchorFacts(anchor: Anchor, words: Words): Fact[] {
  const { chain, contract, transaction, block } = anchor;
  const explorer = explorerLink(anchor);
  return [
    { label: words.chain, value: chainTitle(chain, words) },
    { label: words.contract, value: contract, mono: true },
    { label: words.transaction, value: transaction, mono: true },
    { label: words.block, value: String(block.number), mono: true },
    { label: words.blockHash, value: block.hash, mono: true },
    { label: words.blockTime, value: plainUtc(block.time) },
    { label: words.finality, value: anchor.type === 'zilliqa-evm' ? words.finalityEvm : words.finalityScilla },
    ...(explorer === undefined ? [] : [{ label: words.explorer, value: explorer, link: explorer }]),
  ];
}
