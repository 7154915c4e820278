import { contractAddress } from './address.js';
import { interfaceFaults } from './contract.js';
import { BLOCK_GAS_LIMIT, type Ledger } from './ledger.js';
import type { Flavour } from './options.js';
import { CODES, RpcError } from './rpc-error.js';
import { findKind, type Kind, type Transaction } from './transaction.js';

export interface Rules {
  flavour: Flavour;
  minGasPrice: bigint;
  expiryBlocks: number;
}

const EVM_GAS_PER_SCILLA_GAS = 420n;
const MAX_CODE_BYTES = 76_800;

const parameter = (message: string) => new RpcError(CODES.parameter, message);
const rejected = (message: string) => new RpcError(CODES.rejected, message);

/** Checks a transaction against the newest block and lets it wait, or throws RpcError. Gives the answer of CreateTransaction. */
export function admit(transaction: Transaction, ledger: Ledger, rules: Rules): Record<string, string> {
  const kind = findKind(transaction);
  refuseOtherContracts(transaction);
  const info =
    rules.flavour === 1
      ? admitOnZilliqa1(transaction, kind, ledger, rules)
      : validate(transaction, kind, ledger, rules);
  return answer(transaction, info ?? enter(transaction, kind, ledger, rules), rules.flavour);
}

/** The one refusal that no network makes: this chain has no interpreter, and says so rather than pretend. */
function refuseOtherContracts({ code }: Transaction): void {
  const faults = code === '' ? [] : interfaceFaults(code);
  if (faults.length > 0)
    throw new RpcError(
      CODES.misc,
      `This is chronos-devnet, which runs only the Chronos anchor contract; this code is another: ${faults.join('; ')}`,
    );
}

function enter(
  transaction: Transaction,
  kind: Kind | undefined,
  ledger: Ledger,
  { flavour, expiryBlocks }: Rules,
): string {
  const head = ledger.head.number;
  const admission = ledger.pool.add({ transaction, notBefore: head + 1, expiresAfter: head + expiryBlocks });
  if (flavour === 2 && admission === 'present') return 'Txn already present';
  if (flavour === 2 && admission === 'underpriced')
    return 'Another transaction exists with the same nonce but a higher gas price';
  if (flavour === 2) return 'Txn processed';
  if (admission === 'present')
    throw new RpcError(
      CODES.database,
      'Txn could not be added as database exceeded limit or the txn was already present',
    );
  // The old network told nobody that another was paid better.
  if (kind === 'create') return 'Contract Creation txn, sent to shard';
  return kind === 'call' ? 'Contract Txn, Shards Match of the sender and reciever' : 'Non-contract txn, sent to shard';
}

/** The checks of zq2's `new_transaction` and `validate`, in their order. Gives the Info of one that is answered without being taken. */
function validate(
  { id, sender, nonce, to, code, data, gasLimit, gasPrice }: Transaction,
  kind: Kind | undefined,
  ledger: Ledger,
  { minGasPrice }: Rules,
): string | undefined {
  if (ledger.included(id) || ledger.pool.has(id)) return 'Txn already present';
  if (Buffer.byteLength(code) > MAX_CODE_BYTES)
    throw rejected(`Transaction input size (${Buffer.byteLength(code)}) exceeds limit (${MAX_CODE_BYTES})`);
  if (gasLimit > BLOCK_GAS_LIMIT) {
    const [given, limit] = [gasLimit, BLOCK_GAS_LIMIT].map((gas) => (gas * EVM_GAS_PER_SCILLA_GAS).toString());
    throw parameter(`Txn gas limit (${given}) exceeeds block gas limit (${limit})`);
  }
  if (kind === undefined) throw new RpcError(CODES.internal, 'Unknown transaction type');
  const required = depositGas(kind, code, data);
  if (gasLimit < required)
    throw parameter(
      `Insufficient Zilliqa txn gas supplied (${gasLimit.toString()}) - required (${required.toString()})`,
    );
  if (gasPrice < minGasPrice) throw rejected('Provided gas price is too low');
  const account = ledger.account(sender) ?? { balance: 0n, nonce: 0n };
  // Not the whole gas limit: one that cannot pay that fails inside a block. (zq2 compares Qa with wei here; this does not.)
  const cost = (kind === 'call' || kind === 'create' ? 300n : 50n) * gasPrice;
  if (cost > account.balance)
    throw parameter(
      `Insufficient funds - txn cost ${cost.toString()} but account balance ${account.balance.toString()}`,
    );
  // It reads as if it were taken; counted from 0, as the node does inside. Where its validation sees the nonce before its
  // pool does, the node answers -8 "Txn nonce (…) is too low for account (…)" instead: the fault `refuse` can say that.
  if (nonce <= account.nonce)
    return `Nonce (${(nonce - 1n).toString()}) lower than current (${account.nonce.toString()})`;
  if (kind === 'transfer') refusePlainTransfer(to, ledger);
  return undefined;
}

/** The old network's `ValidateTxn`, in its order; all it refuses is an error. */
function admitOnZilliqa1(
  { sender, nonce, to, code, data, amount, gasLimit, gasPrice }: Transaction,
  kind: Kind | undefined,
  ledger: Ledger,
  { minGasPrice }: Rules,
): undefined {
  if (Buffer.byteLength(code) > MAX_CODE_BYTES) throw rejected('Code size is too large');
  if (gasPrice < minGasPrice)
    throw rejected(`GasPrice ${gasPrice.toString()} lower than minimum allowable ${minGasPrice.toString()}`);
  const account = ledger.account(sender);
  if (account === undefined) throw new RpcError(CODES.address, 'The sender of the txn has no balance');
  if (kind === undefined) throw new RpcError(CODES.address, 'Code is empty and To addr is null');
  if (kind !== 'transfer' && gasLimit < depositGas(kind, code, data)) {
    const [what, least] = kind === 'call' ? ['invoking', 10] : ['creating', 50];
    throw parameter(`Gas limit (${gasLimit.toString()}) lower than minimum for ${what} contract (${least})`);
  }
  if (nonce <= account.nonce)
    throw parameter(`Nonce (${nonce.toString()}) lower than current (${account.nonce.toString()})`);
  if (account.balance < gasLimit * gasPrice + amount) throw parameter('Insufficient funds in source account!');
  if (gasLimit > BLOCK_GAS_LIMIT)
    throw parameter(`Gas limit ${gasLimit.toString()} greater than ${BLOCK_GAS_LIMIT.toString()}`);
  const target = ledger.account(to);
  if (kind === 'call' && target === undefined) throw new RpcError(CODES.address, 'To addr is null');
  if (kind === 'call' && target?.contract === undefined)
    throw new RpcError(CODES.address, 'Non - contract address called');
  if (kind === 'transfer') refusePlainTransfer(to, ledger);
  return undefined;
}

/** Money without a message: no transition takes it. */
function refusePlainTransfer(to: string, ledger: Ledger): void {
  if (ledger.account(to)?.contract !== undefined) throw parameter("Contract account won't accept normal txn");
}

/** The gas below which a transaction is not let in at all: its length, for a contract's (zq2, `get_deposit_gas`). */
function depositGas(kind: Kind, code: string, data: string): bigint {
  if (kind === 'transfer') return 50n;
  const least = kind === 'call' ? 10 : 50;
  return BigInt(Math.max(least, Buffer.byteLength(code) + Buffer.byteLength(data)));
}

function answer(transaction: Transaction, info: string, flavour: Flavour): Record<string, string> {
  const prefix = flavour === 2 ? '0x' : '';
  return {
    ...(transaction.code === ''
      ? {}
      : { ContractAddress: `${prefix}${contractAddress(transaction.sender, transaction.nonce)}` }),
    Info: info,
    TranID: `${prefix}${transaction.id}`,
  };
}
