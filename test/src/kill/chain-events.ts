import { ANCHORED_TOPIC } from '@chronos/shared';
import { askRpc, rpc } from '../support/rpc.js';
import type { LocalService } from '../support/service.js';

/** One `Anchored` event on a chain. Hex without `0x`. */
export interface AnchoredEvent {
  transaction: string;
  window: number;
  root: string;
  logSize: number;
  logRoot: string;
}

/** Every `Anchored` event of the contract, from the chain's first block to its last, and how many transactions its account has paid for. */
export interface ChainRecord {
  events: AnchoredEvent[];
  /** Without the one that deployed the contract. */
  paid: number;
}

/** The selector of `owner()`. */
const OWNER = '0x8da5cb5b';

type Chain = LocalService['chains'][number];

export function readChain(chain: Chain): Promise<ChainRecord> {
  return chain.kind === 'evm' ? readEvm(chain) : readNative(chain);
}

async function readEvm({ rpcUrl, contract }: Chain): Promise<ChainRecord> {
  const filter = { address: contract, fromBlock: '0x0', toBlock: 'latest', topics: [ANCHORED_TOPIC] };
  const logs = await rpc<{ transactionHash: string; topics: string[]; data: string }[]>(rpcUrl, 'eth_getLogs', filter);
  const owner = await rpc<string>(rpcUrl, 'eth_call', { to: contract, data: OWNER }, 'latest');
  const nonce = await rpc<string>(rpcUrl, 'eth_getTransactionCount', `0x${owner.slice(-40)}`, 'latest');
  const events = logs.map(({ transactionHash, topics, data }) => ({
    transaction: transactionHash,
    window: Number(topics[1]),
    root: topics[2]!.slice(2),
    logSize: Number(data.slice(0, 66)),
    logRoot: data.slice(66),
  }));
  return { events, paid: Number(nonce) - 1 };
}

interface NativeTransaction {
  receipt: { event_logs?: { _eventname: string; address: string; params: { vname: string; value: string }[] }[] };
}

async function readNative({ rpcUrl, contract }: Chain): Promise<ChainRecord> {
  const events: AnchoredEvent[] = [];
  const last = Number(await rpc<string>(rpcUrl, 'GetNumTxBlocks')); // the number of the last final block
  for (let block = 0; block <= last; block++) {
    for (const transaction of await transactionsOf(rpcUrl, block)) {
      const { receipt } = await rpc<NativeTransaction>(rpcUrl, 'GetTransaction', transaction);
      for (const { _eventname, address, params } of receipt.event_logs ?? []) {
        if (_eventname !== 'Anchored' || address.toLowerCase() !== contract.toLowerCase()) continue;
        const value = (name: string) => params.find(({ vname }) => vname === name)?.value ?? '';
        events.push({
          transaction,
          window: Number(value('window')),
          root: value('root').slice(2),
          logSize: Number(value('log_size')),
          logRoot: value('log_root').slice(2),
        });
      }
    }
  }
  const state = await rpc<{ owner: string }>(rpcUrl, 'GetSmartContractSubState', contract.slice(2), 'owner', []);
  const { nonce } = await rpc<{ nonce: number }>(rpcUrl, 'GetBalance', state.owner.slice(2));
  return { events, paid: nonce - 1 };
}

/** A block without transactions is answered as an error. */
async function transactionsOf(rpcUrl: string, block: number): Promise<string[]> {
  const { result } = await askRpc<string[][]>(rpcUrl, 'GetTransactionsForTxBlock', String(block));
  return (result ?? []).flat();
}
