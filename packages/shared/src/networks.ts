/** A Zilliqa network: what proofs call it, where its RPC answers, and where people can look at it. Source: dev.zilliqa.com, autumn 2026. */
export interface Network {
  name: 'mainnet' | 'testnet' | 'local';
  title: string;
  /** The EVM chain, as proofs name it. */
  evmChain: string;
  /** The native chain, as proofs name it. */
  nativeChain: string;
  /** Public endpoints; EVM and native JSON-RPC answer at the same address, where `nativeRpcUrls` does not say otherwise. */
  rpcUrls: readonly string[];
  nativeRpcUrls?: readonly string[];
  explorer?: { transaction(id: string): string; block(number: number): string };
}

function blockscout(base: string): Network['explorer'] & object {
  return { transaction: (id) => `${base}/tx/${id}`, block: (number) => `${base}/block/${number}` };
}

/** The networks that we know; a proof may name others. */
export const NETWORKS: readonly Network[] = [
  {
    name: 'mainnet',
    title: 'Zilliqa mainnet',
    evmChain: 'eip155:32769',
    nativeChain: 'zilliqa:1',
    rpcUrls: ['https://api.zilliqa.com'],
    explorer: blockscout('https://zilliqa.blockscout.com'),
  },
  {
    name: 'testnet',
    title: 'Zilliqa testnet',
    evmChain: 'eip155:33101',
    nativeChain: 'zilliqa:333',
    rpcUrls: ['https://api.testnet.zilliqa.com'],
    explorer: blockscout('https://testnet.zilliqa.blockscout.com'),
  },
  {
    // A chain on the user's own machine: its proofs prove nothing to anybody else.
    name: 'local',
    title: 'local test chain',
    evmChain: 'eip155:31337',
    nativeChain: 'zilliqa:31337',
    rpcUrls: ['http://127.0.0.1:7445'],
    nativeRpcUrls: ['http://127.0.0.1:7446'],
  },
];

/** The network that a proof's chain belongs to, if it is one of ours. */
export function findNetwork(chain: string): Network | undefined {
  return NETWORKS.find((network) => network.evmChain === chain || network.nativeChain === chain);
}

/** Where a chain's JSON-RPC answers, by the table; nowhere for a chain that is not in it. */
export function publicRpcUrls(chain: string): readonly string[] {
  const network = findNetwork(chain);
  if (network === undefined) return [];
  return chain === network.nativeChain ? (network.nativeRpcUrls ?? network.rpcUrls) : network.rpcUrls;
}

/** Where people can look at an anchor's transaction, if its network has an explorer. */
export function explorerLink({ chain, transaction }: { chain: string; transaction: string }): string | undefined {
  return findNetwork(chain)?.explorer?.transaction(transaction);
}
