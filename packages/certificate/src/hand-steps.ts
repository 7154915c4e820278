import {
  type Anchor,
  ANCHORED_TOPIC,
  explain,
  type PathStep,
  plainAddress,
  type Proof,
  publicRpcUrls,
} from '@chronos/shared';
import type { Block } from './model.js';
import { chainTitle } from './facts.js';
import { plainUtc } from './times.js';
import type { Words } from './words/words.js';

/**
 * How to check every step with `sha256sum` and `curl`. The commands stand on lines of at most 100 characters, so that they survive being
 * printed and copied; each value that they print is followed by a comment with the one expected.
 */
export function handSteps(proof: Proof, anchors: readonly Anchor[], words: Words): Block[] {
  const paragraph = (text: string): Block => ({ kind: 'paragraph', text });
  const commands = (...lines: string[]): Block => ({ kind: 'commands', lines });
  const { digest, blinding, submitted, salt, entry, leaf, inclusion, log } = explain(proof);
  if (inclusion === undefined || log === undefined) return [];
  return [
    paragraph(words.checkHandNeeds),
    paragraph(words.stepDigest),
    commands('sha256sum FILE', `# ${digest}`),
    paragraph(words.stepRoot),
    commands(
      `h() { printf %s "$@" | xxd -r -p | sha256sum | cut -c 1-64; }`,
      `x=${digest}`,
      ...(blinding === undefined ? [] : step(`h $x ${blinding}`, submitted)),
      ...step(`h $x ${salt}`, entry),
      ...step('h 00 $x', leaf),
      ...pathCommands(inclusion.steps),
    ),
    paragraph(words.stepRootIs),
    paragraph(words.stepLog),
    commands(
      ...step(`printf %016x%016x%s ${proof.window.id} ${inclusion.treeSize} $x`, log.record),
      ...step('h 00 $x', log.leaf),
      ...pathCommands(log.steps),
    ),
    ...anchors.flatMap((anchor) => [
      paragraph(words.stepChain(chainTitle(anchor.chain, words))),
      ...(anchor.type === 'zilliqa-evm' ? evmSteps : nativeSteps)(proof, anchor, words, inclusion.root),
    ]),
  ];
}

function step(command: string, value: string): string[] {
  return [`x=$(${command}); echo $x`, `# ${value}`];
}

function pathCommands(steps: readonly PathStep[]): string[] {
  return steps.flatMap(({ side, sibling, node }) =>
    step(side === 'left' ? `h 01 ${sibling} $x` : `h 01 $x ${sibling}`, node),
  );
}

function rpcSetting({ chain }: Anchor): string {
  return `RPC=${publicRpcUrls(chain)[0] ?? 'URL'}`;
}

/** One JSON-RPC call, with its answer broken into lines. A line end within JSON is white space. */
function call(method: string, params: string): string[] {
  return [
    `curl -sS $RPC -H 'content-type: application/json' -d '{"jsonrpc":"2.0","id":1,`,
    `"method":"${method}",`,
    `"params":${params}}' | tr , '\\n'`,
  ];
}

function evmSteps(proof: Proof, anchor: Anchor, words: Words, root: string): Block[] {
  const { block, contract, transaction } = anchor;
  const height = `0x${block.number.toString(16)}`;
  const seconds = Date.parse(block.time) / 1000;
  return [
    { kind: 'paragraph', text: words.stepReceipt },
    { kind: 'commands', lines: [rpcSetting(anchor), ...call('eth_getTransactionReceipt', `["${transaction}"]`)] },
    { kind: 'paragraph', text: words.stepReceiptHas },
    {
      kind: 'facts',
      rows: [
        { label: 'status', value: '0x1', mono: true },
        { label: 'blockNumber', value: height, mono: true },
        { label: 'blockHash', value: block.hash, mono: true },
        { label: words.emittedBy, value: contract, mono: true },
        { label: words.eventTopic, value: ANCHORED_TOPIC, mono: true },
        { label: words.windowTopic, value: `0x${proof.window.id.toString(16).padStart(64, '0')}`, mono: true },
        { label: words.rootTopic, value: `0x${root}`, mono: true },
      ],
    },
    { kind: 'paragraph', text: `${words.stepFinal} ${words.stepFinalHas(height)}` },
    { kind: 'commands', lines: call('eth_getBlockByNumber', '["finalized",false]') },
    { kind: 'paragraph', text: `${words.stepBlock} ${words.stepBlockHas(plainUtc(block.time))}` },
    { kind: 'commands', lines: call('eth_getBlockByNumber', `["${height}",false]`) },
    {
      kind: 'facts',
      rows: [
        { label: 'hash', value: block.hash, mono: true },
        { label: 'timestamp', value: `0x${seconds.toString(16)} (${seconds})`, mono: true },
      ],
    },
  ];
}

function nativeSteps(proof: Proof, anchor: Anchor, words: Words, root: string): Block[] {
  const { block, contract, transaction } = anchor;
  return [
    { kind: 'paragraph', text: words.stepReceipt },
    {
      kind: 'commands',
      lines: [rpcSetting(anchor), ...call('GetTransaction', `["${transaction.replace(/^0x/, '')}"]`)],
    },
    { kind: 'paragraph', text: words.stepNativeTransaction },
    {
      kind: 'facts',
      rows: [
        { label: 'epoch_num', value: String(block.number), mono: true },
        { label: 'address', value: `0x${plainAddress(contract)}`, mono: true },
        { label: 'window', value: String(proof.window.id), mono: true },
        { label: 'root', value: `0x${root}`, mono: true },
      ],
    },
    { kind: 'paragraph', text: `${words.stepBlock} ${words.stepNativeBlockHas(plainUtc(block.time))}` },
    { kind: 'commands', lines: call('GetTxBlock', `["${block.number}"]`) },
    {
      kind: 'facts',
      rows: [
        { label: 'BlockHash', value: block.hash, mono: true },
        { label: 'Timestamp', value: `${Date.parse(block.time)}…`, mono: true },
      ],
    },
  ];
}
