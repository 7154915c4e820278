import { ChronosError } from '@chronos/shared';
import type { Chain, SignResult } from './chain.js';
import { type FinalTransaction, notSigned, waitUntilFinal, type WaitOptions } from './wait-until-final.js';

// Who may anchor, and how that changes: the owner offers the contract, the other account accepts it, so that a mistyped address takes
// nothing away. The same on both sides of Zilliqa; what differs is in the adapters.

export type OwnershipCall =
  /** Zero withdraws an offer. */
  { do: 'transfer'; newOwner: string } | { do: 'accept' };

/** An anchor contract, seen from one account. Addresses are `0x` and lower-case hex. Methods throw `chain_unreachable` as {@link Chain}'s do. */
export interface OwnedContract extends Pick<Chain, 'findTransaction' | 'broadcast' | 'close'> {
  readonly contract: string;
  readonly account: string;
  /** Makes sure that the endpoints serve this chain and that the contract is there. Throws `invalid_settings` where they do not. */
  check(): Promise<void>;
  readOwners(): Promise<{ owner: string; pendingOwner: string }>;
  /** How many transactions of the account are not final yet, where the chain tells. */
  countUnsettled(): Promise<bigint>;
  sign(call: OwnershipCall): Promise<SignResult>;
  /** As people know the account. */
  readonly show: (address: string) => string;
}

export interface OwnershipChange extends FinalTransaction {
  contract: string;
  owner: string;
  /** Zero: nobody. */
  pendingOwner: string;
}

export const NOBODY = `0x${'0'.repeat(40)}`;

/** Offers the contract to `newOwner`, or withdraws an offer (`NOBODY`); resolves when that is final. Throws where it would be in vain. */
export async function transferOwnership(
  contract: OwnedContract,
  newOwner: string,
  options: WaitOptions,
): Promise<OwnershipChange> {
  await contract.check();
  const { owner, pendingOwner } = await contract.readOwners();
  const { account, show } = contract;
  if (account !== owner) {
    throw unusable(
      `${show(account)} does not own the contract ${contract.contract}: its owner is ${show(owner)}, whose key is needed`,
    );
  }
  if (newOwner === owner) throw inVain(`${show(owner)} owns the contract ${contract.contract} already`);
  if (newOwner === pendingOwner) {
    throw inVain(
      newOwner === NOBODY
        ? `the contract ${contract.contract} is offered to nobody: there is nothing to withdraw`
        : `the contract ${contract.contract} is offered to ${show(newOwner)} already, which takes it with "anchord accept-ownership"`,
    );
  }
  const change = await send(contract, { do: 'transfer', newOwner }, options);
  return { ...change, contract: contract.contract, owner, pendingOwner: newOwner };
}

/** Makes the account the owner, if the contract was offered to it; resolves when that is final. Throws where it would be in vain. */
export async function acceptOwnership(contract: OwnedContract, options: WaitOptions): Promise<OwnershipChange> {
  await contract.check();
  const { owner, pendingOwner } = await contract.readOwners();
  const { account, show } = contract;
  if (account === owner) throw inVain(`${show(account)} owns the contract ${contract.contract} already`);
  if (account !== pendingOwner) {
    const offered = pendingOwner === NOBODY ? 'nobody' : show(pendingOwner);
    throw unusable(
      `the contract ${contract.contract} is offered to ${offered}, not to ${show(account)}: ` +
        `its owner ${show(owner)} offers it with "anchord transfer-ownership ${show(account)}"`,
    );
  }
  const change = await send(contract, { do: 'accept' }, options);
  return { ...change, contract: contract.contract, owner: account, pendingOwner: NOBODY };
}

/**
 * Nonces are given by who looks at the chain, and anchord looks too: whichever of two transactions loses is only sent anew, but it is better
 * not to begin while the account is in use.
 */
async function send(contract: OwnedContract, call: OwnershipCall, options: WaitOptions): Promise<FinalTransaction> {
  const unsettled = await contract.countUnsettled();
  if (unsettled > 0n) {
    throw unusable(
      `${unsettled} of the transactions of ${contract.show(contract.account)} are not final yet: if anchord runs with this key, ` +
        `"anchord admin pause" it, wait until "anchord admin status" shows nothing pending, and try again`,
    );
  }
  const signed = await contract.sign(call);
  if (signed.result === 'refused') throw notSigned(signed);
  const purpose =
    call.do === 'accept'
      ? { title: 'taking the contract over', ifFinalLater: `${contract.show(contract.account)} owns the contract` }
      : call.newOwner === NOBODY
        ? { title: 'withdrawing the offer', ifFinalLater: 'the contract is offered to nobody' }
        : { title: 'the offer', ifFinalLater: `the contract is offered to ${contract.show(call.newOwner)}` };
  return waitUntilFinal(contract, signed.transaction, purpose, options);
}

function unusable(message: string): ChronosError {
  return new ChronosError('wallet_unusable', message);
}

function inVain(message: string): ChronosError {
  return new ChronosError('invalid_settings', message);
}
