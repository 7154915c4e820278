/** Every text of a certificate, in one language. Values come in as they are to be shown. */
export interface Words {
  title: string;
  /** The sentence that the certificate is about, in three parts: lead, the time, and the same in local time. */
  existedLead: string;
  time(parts: { year: string; month: number; day: number; clock: string }, zone: string): string;
  inZone(time: string, timeZone: string): string;
  months: readonly string[];

  trialLocal: string;
  trialTestnet: string;
  unknownChain: string;

  facts: string;
  fileName: string;
  fileNameNote: string;
  digest: string;
  algorithm: string;
  noLaterThan: string;
  localTime: string;
  blinding: string;
  blinded: string;
  root: string;
  window: string;
  windowValue(seconds: number, start: string, position: number, size: number): string;
  checked: string;
  checkedOnChain(endpoints: string): string;
  checkedOffline: string;

  anchor(number: number, of: number): string;
  chain: string;
  chainTitle: Record<'mainnet' | 'testnet' | 'local', string>;
  otherChain: string;
  contract: string;
  transaction: string;
  block: string;
  blockHash: string;
  blockTime: string;
  finality: string;
  finalityEvm: string;
  finalityScilla: string;
  explorer: string;

  proved: string;
  provedText(block: string): string;
  notProved: string;
  notProvedList: readonly string[];
  eidas: string;
  paper: string;
  paperText: string;

  verifyPage: string;
  scan: string;
  scanText: string;
  qrAlt(url: string): string;

  check: string;
  checkPage: string;
  checkHand: string;
  checkHandNeeds: string;
  stepDigest: string;
  stepRoot: string;
  stepRootIs: string;
  stepLog: string;
  stepChain(chain: string): string;
  stepReceipt: string;
  stepReceiptHas: string;
  stepNativeTransaction: string;
  stepBlock: string;
  stepFinal: string;
  stepFinalHas(height: string): string;
  stepBlockHas(time: string): string;
  stepNativeBlockHas(time: string): string;
  emittedBy: string;
  eventTopic: string;
  windowTopic: string;
  rootTopic: string;

  proof: string;
  proofText: string;

  page(number: number, of: number): string;
}
