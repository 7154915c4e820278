// Every text of the page in English. docs/web.md tells how to add a language. Texts with numbers are functions of them.

const plural = (count: number, one: string, many: string) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

export const en = {
  language: 'English',
  shell: {
    skip: 'Skip to the content',
    home: 'Chronos, to the start',
    nav: 'Main',
    stamp: 'Stamp',
    status: 'Status',
    language: 'Language',
    toDark: 'Switch to the dark theme',
    toLight: 'Switch to the light theme',
    promise: 'Your file never leaves this device; only this 64-character fingerprint is sent.',
    api: 'API',
    source: 'What is stored here',
  },
  titles: {
    stamp: 'Prove when a file existed',
    status: 'Status of the service',
    notFound: 'There is no such page',
  },
  common: {
    loading: 'Loading …',
    copy: 'Copy',
    copied: 'Copied',
    utc: 'UTC',
    opensElsewhere: 'opens another site',
    localChain: 'A local test chain proves nothing to anybody else: this is a trial.',
    testnet: 'A testnet may be wiped: this is a trial.',
    unknownChain: 'This page does not know this chain: the proof is worth what that chain is worth.',
    offline: 'This device is offline. It goes on by itself when the connection is back.',
    away: 'The service does not answer at the moment. It is asked again by itself.',
    seconds: (count: number) => plural(count, 'second', 'seconds'),
    digests: (count: number) => plural(count, 'digest', 'digests'),
  },
  notFound: {
    text: 'Nothing stands at this address. It may have been mistyped.',
    home: 'To the start',
  },
  status: {
    intro: 'Digests are collected in windows. When a window closes, one transaction anchors all of its digests.',
    closesIn: (time: string) => `The open window closes in ${time}`,
    openWindow: 'Open window',
    closes: 'closes in',
    inWindow: 'Digests in it',
    lag: 'Anchoring lag',
    noLag: 'none: every closed window is anchored',
    totalDigests: 'Digests so far',
    totalWindows: 'Windows so far',
    version: 'Version',
    chains: 'Chains',
    chain: 'Chain',
    contract: 'Contract',
    state: 'State',
    states: {
      ok: 'anchoring',
      waiting: 'waiting',
      unreachable: 'out of reach',
      stopped: 'stopped',
    },
    stateNote: 'While a chain cannot be written to, digests are collected all the same, and anchored when it is back.',
    anchors: 'Last anchors',
    noAnchors: 'No window has been anchored yet.',
    window: 'Window',
    digests: 'Digests',
    final: 'Final',
    block: 'Block',
    transaction: 'Transaction',
    asOf: (time: string) => `As of ${time}`,
  },
};

export type Messages = typeof en;
