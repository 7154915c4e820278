/** The two generations of the network answer in slightly different shapes: 1 is the sharded one, 2 the node since June 2025. */
export type Flavour = 1 | 2;

/** How to start a chain; everything has a default. */
export interface DevnetOptions {
  /** Loopback unless told otherwise. */
  host?: string | undefined;
  /** 0, the default, takes a free one. */
  port?: number | undefined;
  /** The native chain id (31337), at most 65,535, for it is the upper half of a uint32. */
  chainId?: number | undefined;
  /** Milliseconds between blocks (1000); 0 makes blocks only when asked. */
  blockMs?: number | undefined;
  /** How many blocks must follow a block before it is final (2; of flavour 1: 0). */
  finalityBlocks?: number | undefined;
  /** How many blocks a transaction waits at most (86,400). */
  expiryBlocks?: number | undefined;
  flavour?: Flavour | undefined;
  minGasPriceQa?: bigint | undefined;
  /** Address (hex or zil1…) to balance in Qa, given when the chain begins; accounts of a state file keep what they have. */
  fund?: Readonly<Record<string, bigint>> | undefined;
  /** Read at start if it is there, written at the end. */
  stateFile?: string | undefined;
}
