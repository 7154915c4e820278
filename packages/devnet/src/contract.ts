import { z } from 'zod';
import { findHex } from './hex.js';
import { type AnchorState, initialState, type Param } from './scilla-anchor.js';

/** A contract on the chain: whoever calls it runs scilla-anchor.ts, whatever its code says beyond what is checked here. */
export interface Contract {
  code: string;
  init: readonly Param[];
  state: AnchorState;
}

const FIELDS = [
  'owner:ByStr20',
  'pending_owner:ByStr20',
  'latest_root:ByStr32',
  'latest_window:Uint64',
  'anchor_count:Uint128',
  'anchors:MapByStr32BNum',
];
const TRANSITIONS = [
  'Anchor(window:Uint64,root:ByStr32,log_size:Uint64,log_root:ByStr32)',
  'TransferOwnership(new_owner:ByStr20)',
  'AcceptOwnership()',
];
const NAMES = [
  ...['Anchored', 'OwnershipTransferRequested', 'OwnershipTransferred'],
  ...['NotOwner', 'AlreadyAnchored', 'NotPendingOwner'],
].map((name) => `"${name}"`);

/**
 * What of the anchor contract's interface (DESIGN.md, section 5) the code lacks or has beyond it; none for our contract.
 * There is no interpreter here, so any other code must be refused, never run as if it were ours.
 */
export function interfaceFaults(code: string): string[] {
  const text = withoutComments(code);
  const dense = text.replace(/\s+/g, '');
  return [
    ...(/^scilla_version0/.test(dense) ? [] : ['it does not begin with scilla_version 0']),
    ...(/contract[A-Z]\w*\(initial_owner:ByStr20\)/.test(dense)
      ? []
      : ['its parameters are not (initial_owner: ByStr20)']),
    ...differences('field', all(text, /\bfield\s+(\w+\s*:[^=]+)=/g), FIELDS),
    ...differences('transition', all(text, /\btransition\s+(\w+\s*\([^)]*\))/g), TRANSITIONS),
    ...NAMES.filter((name) => !text.includes(name)).map((name) => `it has no ${name}`),
  ];
}

function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1]!.replace(/\s+/g, ''));
}

function differences(what: string, found: readonly string[], expected: readonly string[]): string[] {
  return [
    ...expected.filter((item) => !found.includes(item)).map((item) => `it has no ${what} ${item}`),
    ...found.filter((item) => !expected.includes(item)).map((item) => `its ${what} ${item} is unknown here`),
  ];
}

/** Scilla's comments nest. */
function withoutComments(code: string): string {
  let depth = 0;
  return code
    .split(/(\(\*|\*\))/)
    .filter((part) => {
      if (part === '(*') depth += 1;
      else if (part === '*)') depth -= 1;
      else return depth === 0;
      return false;
    })
    .join(' ');
}

const initData = z.array(z.object({ vname: z.string(), type: z.string(), value: z.string() }));

/** The contract that the deployment's data makes, or why the interpreter would not make it. */
export function createContract(
  code: string,
  data: string,
  { address, blockNumber }: { address: string; blockNumber: number },
): Contract | { fault: string } {
  const parsed = initData.safeParse(parseJson(data));
  if (!parsed.success) return { fault: 'The initial data are not a list of {vname, type, value}' };
  const given = (name: string, type: string) =>
    parsed.data.find((param) => param.vname === name && param.type === type)?.value;
  const owner = findHex(given('initial_owner', 'ByStr20') ?? '', 20);
  if (given('_scilla_version', 'Uint32') !== '0')
    return { fault: 'The initial data want _scilla_version, Uint32, "0"' };
  if (owner === undefined) return { fault: 'The initial data want initial_owner, ByStr20' };
  if (parsed.data.length !== 2) return { fault: 'The initial data name what the contract has no parameter for' };
  return {
    code,
    init: [
      ...parsed.data,
      { vname: '_creation_block', type: 'BNum', value: blockNumber.toString() },
      { vname: '_this_address', type: 'ByStr20', value: `0x${address}` },
    ],
    state: initialState(`0x${owner}`),
  };
}

/** `undefined` where the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The fields as GetSmartContractState prints them. */
export function printState(contract: Contract, balance: bigint): Record<string, unknown> {
  const { state } = contract;
  return {
    _balance: balance.toString(),
    owner: state.owner,
    pending_owner: state.pendingOwner,
    latest_root: state.latestRoot,
    latest_window: state.latestWindow.toString(),
    anchor_count: state.anchorCount.toString(),
    anchors: Object.fromEntries([...state.anchors].map(([root, block]) => [root, block.toString()])),
  };
}
