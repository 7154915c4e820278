/** A JSON-RPC call that has to succeed. */
export async function rpc<T>(rpcUrl: string, method: string, ...params: unknown[]): Promise<T> {
  const { result, error } = await askRpc<T>(rpcUrl, method, ...params);
  if (result === undefined) throw new Error(`${method}: ${error?.message ?? 'no result'}`);
  return result;
}

export async function askRpc<T>(rpcUrl: string, method: string, ...params: unknown[]) {
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return (await response.json()) as { result?: T; error?: { message: string } };
}

/** A local EVM chain makes no more blocks (0: what was sent waits in its pool), or goes on to make one every so often. */
export async function setBlocksEvery(rpcUrl: string, seconds: number): Promise<void> {
  await rpc<null>(rpcUrl, 'evm_setIntervalMining', seconds);
}
