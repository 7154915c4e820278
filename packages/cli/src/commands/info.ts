import {
  ChronosError,
  explain,
  type Explanation,
  explorerLink,
  fromHex,
  isKnownAnchor,
  isoTime,
  type PathStep,
  type Proof,
  type Verification,
  verifyStructure,
} from '@chronos/shared';
import type { Context, Outcome } from '../context.js';
import { exitCodeOf, EXIT } from '../exit-codes.js';
import { errorDocument, type Output } from '../output.js';
import { locateProof, readProof } from '../proof-file.js';
import { anchorDocuments } from '../report.js';
import { describeChain, printable, utc } from '../words.js';

/** Explains a proof, from its file alone. That it is incomplete is no failure here; that it does not hold in itself is. */
export async function info(name: string, { output }: Context): Promise<Outcome> {
  const proofFile = await locateProof(name);
  const proof = await readProof(proofFile);
  const structure = verifyStructure(fromHex(proof.digest.value), proof);
  const explanation = explain(proof);
  const sound = structure.ok || structure.code === 'pending';
  new Explainer(output).all(proofFile, proof, explanation, structure);
  const error = sound ? {} : { error: errorDocument(new ChronosError(structure.code, structure.message)) };
  if (!sound) output.problem(new ChronosError(structure.code, `${structure.message} (${structure.code})`), proofFile);
  return {
    exitCode: structure.ok || structure.code === 'pending' ? EXIT.done : exitCodeOf(structure.code),
    document: {
      ...error,
      proofFile,
      format: proof.format,
      complete: structure.ok,
      ...explanation,
      anchors: anchorDocuments(proof),
    },
  };
}

class Explainer {
  private step = 0;

  constructor(private readonly output: Output) {}

  all(file: string, proof: Proof, facts: Explanation, structure: Verification): void {
    const { output } = this;
    const state = structure.ok ? 'complete' : structure.code === 'pending' ? 'not complete yet' : 'does not hold';
    output.line(`${output.paint.bold(printable(file))}: ${printable(proof.format)}, ${state}`);
    this.entry(facts);
    this.tree(facts);
    this.log(facts);
    this.anchors(proof);
    output.line();
    output.line('This explains what the file says. To hold it against the document and the chain: chronos verify FILE');
  }

  private title(text: string): void {
    this.output.line();
    this.output.line(this.output.paint.bold(`${++this.step}. ${text}`));
  }

  private value(label: string, value: string): void {
    this.output.line(`   ${label.padEnd(13)}${value}`);
  }

  private entry(facts: Explanation): void {
    this.title('The digest is the SHA-256 of the document.');
    this.value('digest', facts.digest);
    if (facts.blinding !== undefined) {
      this.title('It was blinded, so that the service saw only SHA-256(digest, blinding).');
      this.value('blinding', facts.blinding);
      this.value('submitted', facts.submitted);
    }
    this.title('The service received it and added a random salt: the entry is SHA-256(what was submitted, salt).');
    this.value('received', `${utc(facts.receivedAt)} by the service's own clock, which proves nothing`);
    this.value('salt', facts.salt);
    this.value('entry', facts.entry);
  }

  private tree({ inclusion, leaf, window }: Explanation): void {
    const from = utc(isoTime(window.id * 1000));
    if (inclusion === undefined) {
      this.title(`It waits in the window of ${window.seconds} seconds that opened at ${from}.`);
      return;
    }
    this.title(
      `It became a leaf, SHA-256(00, entry), of the tree of one window: ${window.seconds} seconds from ${from}.`,
    );
    this.value('leaf', `${leaf}, number ${inclusion.leafIndex} (from 0) of ${inclusion.treeSize}`);
    this.title(
      inclusion.steps.length === 0
        ? 'It is alone in its window, so the leaf is the root.'
        : 'From the leaf up to the root, each step is SHA-256(01, left, right).',
    );
    this.steps(inclusion.steps);
    this.value('root', inclusion.root);
  }

  private log({ log }: Explanation): void {
    if (log === undefined) return;
    this.title(`The window stands in the log of all windows, as number ${log.index} (from 0) of ${log.treeSize}.`);
    this.value('record', `${log.record} (window, tree size, root)`);
    this.value('leaf', log.leaf);
    this.steps(log.steps);
    this.value('log root', log.root);
  }

  private steps(steps: readonly PathStep[]): void {
    for (const { side, sibling, node } of steps) {
      this.value(side, sibling);
      this.value('  makes', node);
    }
  }

  private anchors(proof: Proof): void {
    if (proof.anchors.length === 0)
      this.title('It is not anchored in a final block yet: chronos upgrade completes it.');
    for (const anchor of proof.anchors) {
      if (!isKnownAnchor(anchor)) {
        this.title(`An anchor of a kind that this program does not know: ${printable(JSON.stringify(anchor.type))}.`);
        continue;
      }
      const { title, warning } = describeChain(anchor.chain);
      const explorer = explorerLink(anchor);
      this.title(`The root was written to ${title}.`);
      this.value('contract', anchor.contract);
      this.value('transaction', anchor.transaction);
      this.value('block', `${anchor.block.number}, ${anchor.block.hash}`);
      this.value('made at', `${utc(anchor.block.time)}: the document existed no later than this`);
      if (explorer !== undefined) this.value('explorer', explorer);
      if (warning !== undefined) this.output.line(`   ${this.output.paint.yellow(warning)}`);
    }
  }
}
