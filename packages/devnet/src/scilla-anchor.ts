/**
 * The transitions of the anchor contract, as the recorded session of the real interpreter shows them
 * (vectors/scilla-anchor.json); the session is replayed step by step in the test.
 */
export interface AnchorState {
  owner: string;
  pendingOwner: string;
  latestRoot: string;
  latestWindow: bigint;
  anchorCount: bigint;
  /** Root to the block that it was anchored in. */
  anchors: ReadonlyMap<string, bigint>;
}

export interface Param {
  vname: string;
  type: string;
  value: string;
}

export interface Message {
  tag: string;
  /** 0x and lower case, as everywhere in Scilla. */
  sender: string;
  params: readonly Param[];
}

export interface ScillaEvent {
  name: string;
  params: readonly Param[];
}

/** The contract never accepts money, and sends no messages. */
export type Outcome =
  | { ok: true; gasRemaining: number; state: AnchorState; events: readonly ScillaEvent[] }
  | { ok: false; gasRemaining: number; errors: readonly string[] };

export const NOBODY = `0x${'0'.repeat(40)}`;

export function initialState(owner: string): AnchorState {
  return {
    owner,
    pendingOwner: NOBODY,
    latestRoot: `0x${'0'.repeat(64)}`,
    latestWindow: 0n,
    anchorCount: 0n,
    anchors: new Map(),
  };
}

const TRANSITIONS: Readonly<Record<string, readonly (readonly [name: string, type: string])[]>> = {
  Anchor: [
    ['window', 'Uint64'],
    ['root', 'ByStr32'],
    ['log_size', 'Uint64'],
    ['log_root', 'ByStr32'],
  ],
  TransferOwnership: [['new_owner', 'ByStr20']],
  AcceptOwnership: [],
};

/** What each step of the session used of its 10,000 gas. A contract worded otherwise uses a little more or less. */
const GAS = {
  Anchor: 127,
  AlreadyAnchored: 79,
  AnchorNotOwner: 78,
  TransferOwnership: 55,
  TransferNotOwner: 47,
  AcceptOwnership: 45,
  NotPendingOwner: 35,
  unknownTransition: 23,
  parameterMissing: 29,
  parameterWrong: 63,
} as const;

type Step = { gas: number; errors: readonly string[] } | { gas: number; state: AnchorState; event: ScillaEvent };

/** Runs one message; nothing of `state` is changed. Out of gas, all of it is used. */
export function runTransition(state: AnchorState, message: Message, blockNumber: bigint, gas: number): Outcome {
  const step = checkMessage(message) ?? runChecked(state, message, blockNumber);
  // The interpreter's words for it; its position is that of the code.
  if (step.gas > gas) return { ok: false, gasRemaining: 0, errors: ['Ran out of gas'] };
  const gasRemaining = gas - step.gas;
  if ('errors' in step) return { ok: false, gasRemaining, errors: step.errors };
  return { ok: true, gasRemaining, state: step.state, events: [step.event] };
}

function checkMessage({ tag, params }: Message): Step | undefined {
  const expected = Object.hasOwn(TRANSITIONS, tag) ? TRANSITIONS[tag] : undefined;
  if (expected === undefined)
    return { gas: GAS.unknownTransition, errors: [`No contract transition for tag found: ${tag}`] };
  for (const [name, type] of expected) {
    const param = params.find(({ vname }) => vname === name);
    if (param === undefined)
      return { gas: GAS.parameterMissing, errors: [`No message entry found matching parameter: ${name}`] };
    if (param.type !== type)
      return {
        gas: GAS.parameterWrong,
        errors: [`Type unassignable: ${type} expected, but ${param.type} provided`],
      };
    // The session shows no such step: these words, and the next ones, are ours.
    if (!isValue(param)) return { gas: GAS.parameterWrong, errors: [`Not a ${type}: ${name}`] };
  }
  if (params.length !== expected.length)
    return { gas: GAS.parameterWrong, errors: ['More message entries than the transition has parameters'] };
  return undefined;
}

function isValue({ type, value }: Param): boolean {
  if (type === 'Uint64') return /^[0-9]{1,20}$/.test(value) && BigInt(value) < 1n << 64n;
  return new RegExp(`^0x[0-9a-fA-F]{${Number(type.slice('ByStr'.length)) * 2}}$`).test(value);
}

function runChecked(state: AnchorState, message: Message, blockNumber: bigint): Step {
  if (message.tag === 'Anchor') return anchor(state, message, blockNumber);
  return message.tag === 'TransferOwnership' ? transferOwnership(state, message) : acceptOwnership(state, message);
}

function anchor(state: AnchorState, message: Message, blockNumber: bigint): Step {
  if (message.sender !== state.owner) return thrown('NotOwner', GAS.AnchorNotOwner, message);
  const root = valueOf(message, 'root');
  if (state.anchors.has(root)) return thrown('AlreadyAnchored', GAS.AlreadyAnchored, message);
  return {
    gas: GAS.Anchor,
    state: {
      ...state,
      latestRoot: root,
      latestWindow: BigInt(valueOf(message, 'window')),
      anchorCount: state.anchorCount + 1n,
      anchors: new Map(state.anchors).set(root, blockNumber),
    },
    event: {
      name: 'Anchored',
      params: [
        ...(TRANSITIONS['Anchor'] ?? []).map(([vname, type]) => ({ vname, type, value: valueOf(message, vname) })),
        { vname: 'block', type: 'BNum', value: blockNumber.toString() },
      ],
    },
  };
}

function transferOwnership(state: AnchorState, message: Message): Step {
  if (message.sender !== state.owner) return thrown('NotOwner', GAS.TransferNotOwner, message);
  const pendingOwner = valueOf(message, 'new_owner');
  return {
    gas: GAS.TransferOwnership,
    state: { ...state, pendingOwner },
    event: ownerEvent('OwnershipTransferRequested', pendingOwner),
  };
}

function acceptOwnership(state: AnchorState, message: Message): Step {
  if (message.sender !== state.pendingOwner) return thrown('NotPendingOwner', GAS.NotPendingOwner, message);
  return {
    gas: GAS.AcceptOwnership,
    state: { ...state, owner: message.sender, pendingOwner: NOBODY },
    event: ownerEvent('OwnershipTransferred', message.sender),
  };
}

function ownerEvent(name: string, owner: string): ScillaEvent {
  return { name, params: [{ vname: 'new_owner', type: 'ByStr20', value: owner }] };
}

/** Bytes are lower case in the state and in events, however they were sent. */
function valueOf({ params }: Message, name: string): string {
  return params.find(({ vname }) => vname === name)!.value.toLowerCase();
}

/** The calls between transition and throw are named too by the interpreter; those depend on the code's procedures. */
function thrown(exception: string, gas: number, { tag }: Message): Step {
  return {
    gas,
    errors: [`Exception thrown: (Message [(_exception : (String "${exception}"))])`, `Raised from ${tag}`],
  };
}
