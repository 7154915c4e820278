/** The codes of Zilliqa's nodes, both generations (zq2, api/types/zil.rs, `RPCErrorCode`). */
export const CODES = {
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  parse: -32700,
  rateLimit: -32000,
  misc: -1,
  address: -5,
  parameter: -8,
  database: -20,
  rejected: -26,
  disabled: -32,
} as const;

/** An answer with `error` in it. */
export class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}
