/** The two generations of the network answer in slightly different shapes: 1 is the sharded one, 2 the node since June 2025. */
export type Flavour = 1 | 2;

/** How to start a chain; everything has a default. */
export interface DevnetOptions {
  /** Loopback unless told otherwise: the admin calls stand on the same port. */
  host?: string;
  /** 0 takes a free one. */
  port?: number;
  /** The native chain id, at most 65,535, for it is the upper half of a uint32. */
  chainId?: number;
  /** Milliseconds between blocks; 0 makes blocks only when asked. */
  blockMs?: number;
  /** How many blocks must follow a block before it is final. */
  finalityBlocks?: number;
  flavour?: Flavour;
  /** Address (hex or zil1…) to balance in Qa, given at the genesis; an account of the state file keeps what it has. */
  fund?: Readonly<Record<string, bigint>>;
  /** Where the state is read from at start, and written to at the end. */
  stateFile?: string;
}
