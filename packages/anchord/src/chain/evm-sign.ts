import { formatEther, keccak256 } from 'ethers';
import type { SignResult } from './chain.js';
import type { Rpc } from './endpoints.js';
import { bigQuantity, chooseFee, formatFee, highestPrice, parseFee, readMarketFee } from './evm-fees.js';
import type { Wallet } from './wallet.js';

export interface Signer {
  wallet: Wallet;
  /** `eip155:<id>`; the signature is good on this chain only. */
  chain: string;
  maxFeeWei: bigint;
}

export interface Call {
  /** Undefined: `data` is the code of a new contract. */
  to?: string;
  data: string;
  nonce: bigint;
  gasLimit: bigint;
  /** The fee of the transaction with this nonce that this one is to replace. */
  replaces?: string;
}

/** Signs a call at the present fee, if that is within the limit and the account can pay it. */
export async function signCall(rpc: Rpc, { wallet, chain, maxFeeWei }: Signer, call: Call): Promise<SignResult> {
  const replaced = call.replaces === undefined ? undefined : parseFee(call.replaces);
  const choice = chooseFee(await readMarketFee(rpc), maxFeeWei, replaced);
  if (choice.result === 'refused') return { ...choice, reason: 'fee_above_limit' };
  const cost = call.gasLimit * highestPrice(choice.fee);
  const balance = await rpc.call('eth_getBalance', [wallet.address, 'latest'], bigQuantity);
  if (balance < cost) {
    const holds = `${wallet.address} (${wallet.zilAddress}) holds ${formatEther(balance)} ZIL`;
    const detail = `${holds}, and the next transaction may cost ${formatEther(cost)} ZIL: send it ZIL`;
    return { result: 'refused', reason: 'insufficient_funds', detail };
  }
  const { kind, ...prices } = choice.fee;
  const signed = wallet.sign({
    type: kind === 'legacy' ? 0 : 2,
    chainId: BigInt(chain.slice('eip155:'.length)),
    nonce: Number(call.nonce),
    to: call.to ?? null,
    data: call.data,
    gasLimit: call.gasLimit,
    ...prices,
  });
  return {
    result: 'signed',
    transaction: {
      transactionId: keccak256(signed),
      nonce: call.nonce,
      signedBytes: Buffer.from(signed.slice(2), 'hex'),
      fee: formatFee(choice.fee),
    },
  };
}
