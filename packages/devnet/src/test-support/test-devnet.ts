import { readFileSync } from 'node:fs';
import { BN, bytes, Long, toChecksumAddress, Zilliqa } from '@zilliqa-js/zilliqa';
import { type Devnet, startDevnet } from '../devnet.js';
import type { DevnetOptions } from '../options.js';

export const CHAIN_ID = 31_337;
export const VERSION_FIELD = bytes.pack(CHAIN_ID, 1);
export const GAS_PRICE = 2_000_000_016n;
export const NOBODY = `0x${'0'.repeat(40)}`;
/** 1,000 ZIL. */
export const FUNDS = 10n ** 15n;

/** The contract that is deployed for real. */
export const anchorsCode = readFileSync(
  new URL('../../../../contracts/scilla/ChronosAnchors.scilla', import.meta.url),
  'utf8',
);

export const root = (byte: string) => `0x${byte.repeat(32)}`;

export const anchorParams = (byte: string) => [
  { vname: 'window', type: 'Uint64', value: '1795171200' },
  { vname: 'root', type: 'ByStr32', value: root(byte) },
  { vname: 'log_size', type: 'Uint64', value: '7' },
  { vname: 'log_root', type: 'ByStr32', value: root('a1') },
];

export const anchorData = (byte: string) => JSON.stringify({ _tag: 'Anchor', params: anchorParams(byte) });

export const initParams = (owner: string) => [
  { vname: '_scilla_version', type: 'Uint32', value: '0' },
  { vname: 'initial_owner', type: 'ByStr20', value: owner.toLowerCase() },
];

/** A second each time it is asked, so that no test waits for one. */
export function tickingClock(): () => bigint {
  let now = 1_795_171_200_000_123n;
  return () => (now += 1_000_000n);
}

/** Looked into as it comes. */
type Json = ReturnType<typeof JSON.parse>;

export interface Answer {
  result?: Json;
  error?: { code: number; message: string };
}

export async function rpc(url: string, method: string, ...params: unknown[]): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    body: JSON.stringify({ id: 1, jsonrpc: '2.0', method, params }),
  });
  return (await response.json()) as Answer;
}

interface Draft {
  to?: string;
  nonce?: number;
  amount?: bigint;
  gasPrice?: bigint;
  gasLimit?: number;
  code?: string;
  data?: string;
  version?: number;
}

/** One for all tests: deriving a key takes this library a quarter of a second under Jest. */
const signer = new Zilliqa('http://127.0.0.1');

/** Keys of no worth. */
const KEYS = ['e19d05c5452598e24caad4a0d85a49146f7be089515c905ae6a19e8a578a6930', '01'.repeat(32)] as const;
const [OWNER, STRANGER] = KEYS.map((key) => signer.wallet.addByPrivateKey(key)) as [string, string];

/** An account of zilliqa-js, whose signatures and payloads are its own. */
export class TestAccount {
  readonly publicKey: string;
  #nonce = 0;

  constructor(
    readonly url: string,
    readonly address = STRANGER,
  ) {
    this.publicKey = signer.wallet.accounts[address]!.publicKey;
  }

  /** What CreateTransaction is sent; the next nonce where none is given. */
  async sign(draft: Draft = {}): Promise<Record<string, unknown>> {
    const transaction = signer.transactions.new({
      version: draft.version ?? VERSION_FIELD,
      toAddr: draft.to ?? NOBODY,
      nonce: draft.nonce ?? ++this.#nonce,
      amount: new BN((draft.amount ?? 0n).toString()),
      gasPrice: new BN((draft.gasPrice ?? GAS_PRICE).toString()),
      gasLimit: Long.fromNumber(draft.gasLimit ?? 2000),
      code: draft.code ?? '',
      data: draft.data ?? '',
    });
    const { txParams } = await signer.wallet.signWith(transaction, this.address);
    const { version, nonce, toAddr, pubKey, code, data, signature } = txParams;
    const amounts = {
      amount: txParams.amount.toString(),
      gasPrice: txParams.gasPrice.toString(),
      gasLimit: txParams.gasLimit.toString(),
    };
    return { version, nonce, toAddr, pubKey, code, data, signature, ...amounts, priority: false };
  }

  async send(draft: Draft = {}): Promise<Answer> {
    return rpc(this.url, 'CreateTransaction', await this.sign(draft));
  }

  balance(): Promise<Answer> {
    return rpc(this.url, 'GetBalance', this.address.slice(2));
  }
}

/** zilliqa-js as anybody would use it, with the account's key. */
export function openZilliqa(url: string): Zilliqa {
  const zilliqa = new Zilliqa(url);
  zilliqa.wallet.addByPrivateKey(KEYS[0]);
  return zilliqa;
}

/** A chain without a timer, and a rich account. */
export async function openDevnet(options: DevnetOptions = {}): Promise<{ devnet: Devnet; account: TestAccount }> {
  const devnet = await startDevnet({ blockMs: 0, ...options }, tickingClock());
  const account = new TestAccount(devnet.url, OWNER);
  devnet.fund(account.address, FUNDS);
  return { devnet, account };
}

/** A block, and those that make it final. */
export const settle = (devnet: Devnet): number => devnet.mine(3);

/** Our contract in a final block, the account its owner; gives its address. */
export async function deploy(devnet: Devnet, account: TestAccount): Promise<string> {
  const data = JSON.stringify(initParams(account.address));
  const { result } = await account.send({ code: anchorsCode, data, gasLimit: 20_000 });
  settle(devnet);
  return toChecksumAddress(String(result.ContractAddress));
}

export async function receiptOf(devnet: Devnet, { result }: Answer): Promise<Json> {
  const answer = await rpc(devnet.url, 'GetTransaction', result.TranID);
  return answer.result.receipt;
}
