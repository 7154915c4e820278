import { toHex } from '@chronos/shared';
import { Transaction } from 'ethers';
import { z } from 'zod';
import { anchorsInterface } from './evm-errors.js';
import { readSignedNative } from './scilla-wallet.js';

/** What a signed transaction says by itself, without any record of it. */
export interface SignedAnchors {
  chain: string;
  transactionId: string;
  /** That signed it, as the adapter of its chain writes it. */
  account: string;
  /** `0x` and lower-case hex. */
  contract: string;
  nonce: bigint;
  anchors: { window: bigint; root: string; logSize: bigint; logRoot: string }[];
}

/** Reads the bytes that an adapter signed and recorded. Throws where they are not such a transaction, or their signature does not hold. */
export function readSignedAnchors(chain: string, signedBytes: Uint8Array): SignedAnchors {
  return chain.startsWith('zilliqa:') ? readNative(signedBytes) : readEvm(signedBytes);
}

interface EvmAnchor {
  window: bigint;
  root: string;
  logSize: bigint;
  logRoot: string;
}

function readEvm(signedBytes: Uint8Array): SignedAnchors {
  const { hash, from, to, nonce, chainId, data } = Transaction.from(`0x${toHex(signedBytes)}`);
  if (hash === null || from === null || to === null) throw new Error('it is not signed, or calls no contract');
  const [anchors] = anchorsInterface.decodeFunctionData('anchor', data) as unknown as [EvmAnchor[]];
  return {
    chain: `eip155:${chainId}`,
    transactionId: hash,
    account: from,
    contract: to.toLowerCase(),
    nonce: BigInt(nonce),
    anchors: anchors.map(({ window, root, logSize, logRoot }) => ({
      ...{ window, logSize, root: root.slice(2), logRoot: logRoot.slice(2) },
    })),
  };
}

const whole = z
  .string()
  .regex(/^[0-9]{1,20}$/)
  .transform((text) => BigInt(text));
const hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/)
  .transform((text) => text.slice(2));
const messageSchema = z.object({
  _tag: z.literal('Anchor'),
  params: z.tuple([
    z.object({ value: whole }),
    z.object({ value: hash }),
    z.object({ value: whole }),
    z.object({ value: hash }),
  ]),
});

function readNative(signedBytes: Uint8Array): SignedAnchors {
  const { data, ...signed } = readSignedNative(Buffer.from(signedBytes).toString());
  const [window, root, logSize, logRoot] = messageSchema.parse(JSON.parse(data)).params;
  const anchor = { window: window.value, root: root.value, logSize: logSize.value, logRoot: logRoot.value };
  return { ...signed, anchors: [anchor] };
}
