import { inZil, type SignedTransaction, type SignResult } from './chain.js';
import type { Rpc } from './endpoints.js';
import { choosePrice, formatPrice, parsePrice, readGasPrice } from './scilla-fees.js';
import { readAccount } from './scilla-state.js';
import type { ScillaWallet, SignedNative, UnsignedNative } from './scilla-wallet.js';

export interface ScillaSigner {
  wallet: ScillaWallet;
  maxGasPriceQa: bigint;
}

export type NativeCall = Omit<UnsignedNative, 'gasPriceQa'> & {
  /** The fee of the transaction with this nonce that this one is to replace. */
  replaces?: string;
};

/** As {@link SignResult}, with the address that a deployment's contract gets. */
export type NativeSignResult =
  | { result: 'signed'; transaction: SignedTransaction; contract: SignedNative['contract'] }
  | Extract<SignResult, { result: 'refused' }>;

/** Signs at the present price, if that is within the limit and the account can pay it. */
export async function signNative(
  rpc: Rpc,
  { wallet, maxGasPriceQa }: ScillaSigner,
  { replaces, ...call }: NativeCall,
): Promise<NativeSignResult> {
  const replacedQa = replaces === undefined ? undefined : parsePrice(replaces);
  const choice = choosePrice(await readGasPrice(rpc), maxGasPriceQa, replacedQa);
  if (choice.result === 'refused') return { ...choice, reason: 'fee_above_limit' };
  const { gasPriceQa } = choice;
  const cost = call.gasLimit * gasPriceQa;
  const { balance } = await readAccount(rpc, wallet.address);
  if (balance < cost) {
    const holds = `${wallet.zilAddress} (${wallet.address}) holds ${inZil(balance, 12)} ZIL`;
    const detail = `${holds}, and the next transaction may cost ${inZil(cost, 12)} ZIL: send it ZIL`;
    return { result: 'refused', reason: 'insufficient_funds', detail };
  }
  const { transactionId, parameter, contract } = wallet.sign({ ...call, gasPriceQa });
  return {
    result: 'signed',
    transaction: {
      transactionId,
      nonce: call.nonce,
      signedBytes: Buffer.from(parameter),
      fee: formatPrice(gasPriceQa),
    },
    contract,
  };
}
