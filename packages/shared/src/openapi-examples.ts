import type {
  ConsistencyReply,
  LatestAnchorReply,
  ProofsReply,
  StatusReply,
  SubmitReply,
  TimestampReply,
  VerifyReply,
  WindowReply,
  WindowsReply,
} from './api.js';
import type { Anchor, Proof } from './proof.js';

// One story, told by all examples of the API: a digest in a window of three, whose record is the thirteenth of the log. The hashes are
// those of a proof in vectors/chronos, so that the example can be verified; the times and the chain's values are made up.

export const digestExample = '6b49e5fee4cba58e5947760d8ba36f6e4ccaf2c8ace4ffd4692d3c4fb308ce8e';
const salt = '45f1d94ea17e21683b959352a5a761a8';
const receivedAt = '2026-11-20T10:46:12.345Z';
const closesAt = '2026-11-20T10:46:30.000Z';
const finalAt = '2026-11-20T10:46:37.180Z';
const window = { id: 1795171560, seconds: 30 };

const inclusion = {
  leafIndex: 1,
  treeSize: 3,
  path: [
    '29d0a1cda3c3417d3f7e17c8d4f1cbb7ee8b2dc54c579eb9d9a99632668d4bc2',
    'd16571f78a2c041b321b6163737b3675d8e3cff0ba45638aa8537f7c4ba68c07',
  ],
  root: 'e64e00827239b66ce794e9cf701ff46c23745b89242d4ee6c987b0e8f63c197d',
};
const log = {
  index: 12,
  treeSize: 13,
  path: [
    '7dd6d66f0d9d60f1204d4656da167c147a212ebee117b15fdc8812a522c8b19a',
    'e3824c6ccd5b5aa66f9750c88aa65bd009b10d85f510685e081c51af85b04d13',
  ],
  root: '5ac3997c3988b667fb7248d9db83abd091f204e91578e1b6a9daf74bf45394a9',
};
const anchor: Anchor = {
  type: 'zilliqa-evm',
  chain: 'eip155:32769',
  contract: '0xabababababababababababababababababababab',
  transaction: '0x0f4c4cbdc01250c52108f66d38f3af6eed2a0598445f4e12e31ad1b52a40ea89',
  block: {
    number: 36400012,
    hash: '0x932581ecc11dcfe4b182e2a8a566aa365460aa31635abb4f663122024823f094',
    time: '2026-11-20T10:46:34.000Z',
  },
};

const submission = {
  format: 'chronos-proof/1',
  digest: { algorithm: 'sha256', value: digestExample },
  salt,
  receivedAt,
  window,
};

export const pendingProofExample: Proof = { ...submission, anchors: [] };

export const proofExample: Proof = { ...submission, inclusion, log, anchors: [anchor] };

export const submitReplyExample: SubmitReply = {
  items: [
    {
      digest: digestExample,
      status: 'accepted',
      salt,
      receivedAt,
      window: { ...window, closesAt },
      proofUrl: `/api/v1/proofs/${digestExample}`,
    },
  ],
};

export const timestampReplyExample: TimestampReply = {
  digest: digestExample,
  status: 'final',
  receivedAt,
  window,
  finalAt,
};

export const proofsReplyExample: ProofsReply = {
  items: [{ digest: digestExample, status: 'final', proof: proofExample }],
};

export const verifyReplyExample: VerifyReply = {
  ok: true,
  code: 'ok',
  checks: [
    { name: 'format', ok: true, detail: 'the file is a chronos-proof/1' },
    { name: 'digest', ok: true, detail: 'the proof is of this digest' },
    { name: 'inclusion', ok: true, detail: 'the path leads from the digest to the root of its window' },
    { name: 'log', ok: true, detail: 'the window stands in the log of windows' },
    { name: 'complete', ok: true, detail: 'the proof names the transaction that anchored it' },
    {
      name: 'anchor',
      ok: true,
      detail: `https://api.zilliqa.com: ${anchor.chain} holds the root in block ${anchor.block.number}, final, made at ${anchor.block.time}`,
    },
  ],
};

export const windowExample: WindowReply = {
  ...window,
  status: 'final',
  opensAt: '2026-11-20T10:46:00.000Z',
  closesAt,
  treeSize: inclusion.treeSize,
  root: inclusion.root,
  logIndex: log.index,
  logRoot: log.root,
  finalAt,
  anchors: [anchor],
};

export const windowsReplyExample: WindowsReply = { items: [windowExample], next: window.id };

export const latestAnchorReplyExample: LatestAnchorReply = { window: windowExample };

export const consistencyReplyExample: ConsistencyReply = {
  from: { size: 12, root: '45f820848c1c5daa28f6f2567ee9b5c2c07a5868e7f6702ea76fd13fea90a440' },
  to: { size: 13, root: log.root },
  path: [
    '7dd6d66f0d9d60f1204d4656da167c147a212ebee117b15fdc8812a522c8b19a',
    '2e45f4c03236d882070f096772ac2d908a37e9a728f6c999a53227a07e0e4aab',
    'e3824c6ccd5b5aa66f9750c88aa65bd009b10d85f510685e081c51af85b04d13',
  ],
};

export const statusReplyExample: StatusReply = {
  version: '0.1.0',
  now: '2026-11-20T10:46:50.000Z',
  window: {
    id: 1795171590,
    seconds: 30,
    closesAt: '2026-11-20T10:47:00.000Z',
    secondsLeft: 10,
    digests: 214,
  },
  anchoringLagSeconds: 0,
  totals: { digests: 48_113, windows: 13 },
  lastFinal: { window: window.id, finalAt, anchors: [anchor] },
  chains: [{ type: anchor.type, chain: anchor.chain, contract: anchor.contract, state: 'ok' }],
};
