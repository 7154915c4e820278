/** What compiling a contract gives; `artifact.json` holds the one of ChronosAnchors. */
export interface ContractArtifact {
  readonly contractName: string;
  /** The compiler's full version, as a block explorer wants it to verify the source. */
  readonly compiler: string;
  /** The settings of solc's standard JSON input. */
  readonly settings: object;
  readonly abi: readonly AbiEntry[];
  /** What deploying sends: `0x` and hex. */
  readonly bytecode: string;
  /** What then stands at the contract's address: `0x` and hex. */
  readonly deployedBytecode: string;
}

/** One function, event or error of an ABI, as solc prints it and ethers reads it. */
export interface AbiEntry {
  readonly type: string;
  readonly name?: string;
  readonly anonymous?: boolean;
  readonly stateMutability?: string;
  readonly inputs?: readonly AbiParameter[];
  readonly outputs?: readonly AbiParameter[];
}

export interface AbiParameter {
  readonly name: string;
  readonly type: string;
  readonly internalType?: string;
  readonly indexed?: boolean;
  readonly components?: readonly AbiParameter[];
}
