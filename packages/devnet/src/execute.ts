import { z } from 'zod';
import { contractAddress } from './address.js';
import { type Contract, createContract, parseJson } from './contract.js';
import { runTransition, type ScillaEvent } from './scilla-anchor.js';
import { findKind, type Transaction } from './transaction.js';

/** Never changed, only replaced: a block that is undone puts the old one back. */
export interface Account {
  balance: bigint;
  nonce: bigint;
  contract?: Contract | undefined;
}

export interface Receipt {
  success: boolean;
  accepted: boolean;
  gasUsed: bigint;
  /** Of the block, up to and with this transaction. */
  cumulativeGasUsed: bigint;
  events: readonly { address: string; event: ScillaEvent }[];
  /** Depth of the call to error numbers. */
  errors: Readonly<Record<string, readonly number[]>>;
  exceptions: readonly string[];
  contractAddress?: string | undefined;
}

/** zq2, constants.rs. */
const TRANSFER_GAS = 50n;
const CHECKER_GAS = 100n;
const RUNNER_GAS = 300n;
/** zq2, transaction.rs, `ScillaError`. */
const CALL_FAILED = 7;
const CREATE_FAILED = 8;
const OUT_OF_GAS = 21;
const INSUFFICIENT_BALANCE = 22;

export type Accounts = (address: string) => Account | undefined;

interface Effect {
  gasUsed: bigint;
  changes: ReadonlyMap<string, Account>;
  receipt: Partial<Receipt>;
}

/** What a transaction does, when its nonce's turn has come: its receipt and the accounts that it changes. */
export function execute(
  transaction: Transaction,
  accounts: Accounts,
  block: { number: number; gasUsed: bigint },
): { receipt: Receipt; changes: Map<string, Account> } {
  const { sender, gasPrice, gasLimit } = transaction;
  const before = accounts(sender) ?? { balance: 0n, nonce: 0n };
  const deposit = gasLimit * gasPrice;
  if (before.balance < deposit) {
    // Nothing is charged and the nonce stays (zq2, exec.rs, `apply_transaction_scilla`).
    const failed = failure(INSUFFICIENT_BALANCE, 0n);
    return { receipt: completeReceipt(failed, block.gasUsed), changes: new Map() };
  }
  // The whole gas limit is held back while it runs.
  const held = { ...before, balance: before.balance - deposit };
  const withDeposit: Accounts = (address) => (address === sender ? held : accounts(address));
  const effect = run(transaction, withDeposit, block.number);
  // The fee and the nonce are spent whether it succeeded or not.
  const changes = new Map(effect.changes);
  const after = changes.get(sender) ?? held;
  const refund = (gasLimit - effect.gasUsed) * gasPrice;
  changes.set(sender, { ...after, balance: after.balance + refund, nonce: after.nonce + 1n });
  return { receipt: completeReceipt(effect, block.gasUsed), changes };
}

function completeReceipt({ gasUsed, receipt }: Effect, blockGas: bigint): Receipt {
  return {
    success: false,
    accepted: false,
    gasUsed,
    cumulativeGasUsed: blockGas + gasUsed,
    events: [],
    errors: {},
    exceptions: [],
    ...receipt,
  };
}

function failure(error: number, gasUsed: bigint, rest: Partial<Receipt> = {}): Effect {
  return { gasUsed, changes: new Map(), receipt: { errors: { '0': [error] }, ...rest } };
}

function run(transaction: Transaction, accounts: Accounts, blockNumber: number): Effect {
  if (findKind(transaction) === 'create') return create(transaction, accounts, blockNumber);
  const contract = accounts(transaction.to)?.contract;
  if (contract !== undefined) return call(transaction, contract, accounts, blockNumber);
  // Data for an address without a contract change nothing: it is a transfer (zq2, exec.rs, `scilla_call`).
  return transfer(transaction, accounts);
}

function transfer({ sender, to, amount, gasLimit }: Transaction, accounts: Accounts): Effect {
  if (gasLimit < TRANSFER_GAS) return failure(OUT_OF_GAS, gasLimit);
  const from = accounts(sender)!;
  if (from.balance < amount) return failure(INSUFFICIENT_BALANCE, 0n);
  const changes = new Map([[sender, { ...from, balance: from.balance - amount }]]);
  const target = changes.get(to) ?? accounts(to) ?? { balance: 0n, nonce: 0n };
  changes.set(to, { ...target, balance: target.balance + amount });
  return { gasUsed: TRANSFER_GAS, changes, receipt: { success: true } };
}

const messageSchema = z.object({
  _tag: z.string(),
  params: z.array(z.object({ vname: z.string(), type: z.string(), value: z.string() })),
});

function call(transaction: Transaction, contract: Contract, accounts: Accounts, blockNumber: number): Effect {
  const { sender, to, data, gasLimit } = transaction;
  if (gasLimit < RUNNER_GAS) return failure(OUT_OF_GAS, gasLimit);
  const parsed = messageSchema.safeParse(parseJson(data));
  if (!parsed.success)
    return failure(CALL_FAILED, RUNNER_GAS, {
      exceptions: ['The message is not {_tag, params: [{vname, type, value}]}'],
    });
  const { _tag: tag, params } = parsed.data;
  const gas = Number(gasLimit - RUNNER_GAS);
  const outcome = runTransition(contract.state, { tag, sender: `0x${sender}`, params }, BigInt(blockNumber), gas);
  const gasUsed = gasLimit - BigInt(outcome.gasRemaining);
  if (!outcome.ok) return failure(CALL_FAILED, gasUsed, { exceptions: outcome.errors });
  const changed = { ...accounts(to)!, contract: { ...contract, state: outcome.state } };
  // No transition accepts: what was sent stays with the sender, and `accepted` is false (the step "an anchor that sends an amount").
  return {
    gasUsed,
    changes: new Map([[to, changed]]),
    receipt: { success: true, events: outcome.events.map((event) => ({ address: to, event })) },
  };
}

function create(transaction: Transaction, accounts: Accounts, blockNumber: number): Effect {
  const { sender, nonce, code, data, amount, gasLimit } = transaction;
  const address = contractAddress(sender, nonce);
  // The checker's and the runner's own gas are not recorded: a unit for each byte stands for them.
  const gas = CHECKER_GAS + RUNNER_GAS + BigInt(Buffer.byteLength(code) + Buffer.byteLength(data));
  if (gasLimit < gas) return failure(OUT_OF_GAS, gasLimit, { contractAddress: address });
  const from = accounts(sender)!;
  if (from.balance < amount) return failure(INSUFFICIENT_BALANCE, 0n);
  const contract = createContract(code, data, { address, blockNumber });
  if ('fault' in contract)
    return failure(CREATE_FAILED, gas, { contractAddress: address, exceptions: [contract.fault] });
  const there = accounts(address)?.balance ?? 0n;
  return {
    gasUsed: gas,
    changes: new Map<string, Account>([
      [sender, { ...from, balance: from.balance - amount }],
      [address, { balance: there + amount, nonce: 0n, contract }],
    ]),
    receipt: { success: true, contractAddress: address },
  };
}
