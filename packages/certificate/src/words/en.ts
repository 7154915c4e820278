import type { Words } from './words.js';

export const en: Words = {
  title: 'Timestamp certificate',
  existedLead: 'The file with the SHA-256 digest below existed no later than',
  time: ({ year, month, day, clock }, zone) => `${day} ${en.months[month - 1]} ${year}, ${clock} ${zone}`,
  inZone: (time, timeZone) => `${time} in the time zone ${timeZone}`,
  months: [
    'January',
    'February',
    'March',
    'April',
    'May',
    'June',
    'July',
    'August',
    'September',
    'October',
    'November',
    'December',
  ],

  trialLocal: 'Trial only: this proof is anchored on a local test chain, which proves nothing to anybody else.',
  trialTestnet: 'Trial only: this proof is anchored on a testnet, which may be wiped at any time.',
  unknownChain: 'This program does not know the chain: the proof is worth what that chain is worth.',

  facts: 'The facts',
  fileName: 'File name',
  fileNameNote: 'as given by whoever made this certificate; the proof holds no name',
  digest: 'Digest',
  algorithm: 'SHA-256',
  noLaterThan: 'Existed no later than',
  localTime: 'In local time',
  blinding: 'Blinding',
  blinded:
    'The digest was hidden from the service; this certificate shows it. Give it to those only who may know the digest.',
  root: 'Root of the window',
  window: 'Collection window',
  windowValue: (seconds, start, position, size) =>
    `${seconds} seconds from ${start}; digest ${position} of ${size} in it`,
  checked: 'Checked for this certificate',
  checkedOnChain: (endpoints) => `every step, on the chain too, by asking ${endpoints}`,
  checkedOffline: 'the hashes only; the chain was not asked',

  anchor: (number, of) => (of === 1 ? 'On the chain' : `On the chain, ${number} of ${of}`),
  chain: 'Chain',
  chainTitle: { mainnet: 'Zilliqa mainnet', testnet: 'Zilliqa testnet', local: 'local test chain' },
  otherChain: 'chain',
  contract: 'Contract',
  transaction: 'Transaction',
  block: 'Block number',
  blockHash: 'Block hash',
  blockTime: 'Block time',
  finality: 'Finality',
  finalityEvm: 'The block counts once its number is not above that of the block the nodes call “finalized”.',
  finalityScilla: 'The nodes tell a native transaction only once its block is final.',
  explorer: 'Block explorer',

  proved: 'What is proved',
  provedText: (block) =>
    `That a file with exactly this digest existed when block ${block} was made. The smallest change to a file gives it another digest, and nobody knows how to make two files with the same one. This rests on SHA-256 and on the chain, and not on Chronos.`,
  notProved: 'What is not proved',
  notProvedList: [
    'Who made the file, owned it, or had it timestamped.',
    'That anything in the file is true.',
    'An earliest time: the file may be much older.',
    'That it is the only one: other versions may have been timestamped, too.',
    'The time to the second: validators of the chain set it, and it is right to about a minute.',
  ],
  eidas:
    'This is not a qualified electronic time stamp in the sense of the eIDAS Regulation, (EU) No 910/2014, and Chronos is not a qualified trust service provider.',
  paper: 'This page alone proves nothing',
  paperText:
    'Anybody could print a page like this. What convinces is the proof: it is printed at the end, and the PDF carries it as an attached file. Check it together with the file that it is about.',

  verifyPage: 'Verify page',
  scan: 'Check it',
  scanText: 'Open this address and give the page the file and the proof.',
  qrAlt: (url) => `QR code with the address ${url}`,

  check: 'How to check it',
  checkPage:
    'The easy way is the verify page. It asks the chain straight from your browser; neither the file nor its digest reaches the service. The command does the same:',
  checkHand: 'By hand, step by step',
  checkHandNeeds:
    'In a terminal with bash, sha256sum, xxd and curl. Each value printed must be the one behind the # that follows.',
  stepDigest: '1. The digest of the file. Put its name for FILE. (On macOS: shasum -a 256 FILE)',
  stepRoot: '2. From the digest to the root of its window.',
  stepRootIs: 'The last value is the root, which was written to the chain.',
  stepLog:
    '3. From the window to the root of the log of all windows. (It shows that the service keeps one log; the time does not depend on it.)',
  stepChain: (chain) => `4. Ask any node of ${chain}; better two that do not belong to one owner.`,
  stepReceipt: 'The transaction.',
  stepReceiptHas: 'The answer must have these values, upper or lower case:',
  stepNativeTransaction:
    'The answer must have "success":true, and an event "Anchored" of this contract with this window and this root:',
  stepBlock: 'The block.',
  stepFinal: 'The last final block.',
  stepFinalHas: (height) => `Its number must not be below ${height}.`,
  stepBlockHas: (time) => `Its hash must be the same, and its timestamp, in seconds since 1970, is ${time}:`,
  stepNativeBlockHas: (time) =>
    `Its hash must be the one below; its Timestamp, in microseconds since 1970, is ${time}:`,
  emittedBy: 'address',
  eventTopic: 'topics, 1st',
  windowTopic: 'topics, 2nd',
  rootTopic: 'topics, 3rd',

  proof: 'The complete proof',
  proofText:
    'The proof file, format chronos-proof/1, in full; the PDF carries the same as an attached file. Where it is typed in from paper, line breaks and indentation do not matter.',

  page: (number, of) => `Page ${number} of ${of}`,
};
