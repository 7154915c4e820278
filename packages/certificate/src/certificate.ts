import { ChronosError, earliestAnchor, formatProof, fromHex, isKnownAnchor, verifyStructure } from '@chronos/shared';
import encodeQR from 'qr';
import { handSteps } from './hand-steps.js';
import { anchorFacts, factsOf, warningOf } from './facts.js';
import type { Block, Certificate, CertificateInput } from './model.js';
import { proofFileName } from './shown-name.js';
import { localInWords, utcInWords } from './times.js';
import { wordsOf } from './words/languages.js';

/** The address of the verify page for a digest. In the fragment the digest reaches no server, blinded ones included. */
export function verifyPageUrl(serviceUrl: string, digest: string): string {
  return `${serviceUrl.replace(/\/+$/, '')}/verify#${digest}`;
}

/**
 * The certificate of a complete proof. It refuses one that does not hold in itself, with the verifier's code; whether the chain was asked
 * is the caller's to do and to say. The same input makes the same certificate, whenever and wherever.
 */
export function makeCertificate(input: CertificateInput): Certificate {
  const { proof, language, fileName, serviceUrl } = input;
  const structure = verifyStructure(fromHex(proof.digest.value), proof);
  if (!structure.ok) throw new ChronosError(structure.code, structure.message);
  const earliest = earliestAnchor(proof)!;
  const words = wordsOf(language);
  const local = localInWords(earliest.block.time, input.timeZone, words);
  const time = { utc: utcInWords(earliest.block.time, words), ...(local === undefined ? {} : { local }) };
  const warning = warningOf(earliest.chain, words);
  const url = verifyPageUrl(serviceUrl, proof.digest.value);
  const attachment = proofFileName(fileName, proof.digest.value);
  const anchors = proof.anchors.filter(isKnownAnchor);
  const paragraphs = (...texts: string[]): Block[] => texts.map((text) => ({ kind: 'paragraph', text }));
  return {
    language,
    title: words.title,
    claim: { lead: words.existedLead, ...time, timeMs: Date.parse(earliest.block.time) },
    ...(warning === undefined ? {} : { warning }),
    sections: [
      {
        id: 'facts',
        title: words.facts,
        blocks: [
          { kind: 'facts', rows: factsOf(input, words, time) },
          ...anchors.flatMap((anchor, index): Block[] => [
            { kind: 'heading', text: words.anchor(index + 1, anchors.length) },
            { kind: 'facts', rows: anchorFacts(anchor, words) },
          ]),
        ],
      },
      { id: 'proved', title: words.proved, blocks: paragraphs(words.provedText(String(earliest.block.number))) },
      {
        id: 'not-proved',
        title: words.notProved,
        blocks: [{ kind: 'list', items: words.notProvedList }, ...paragraphs(words.eidas)],
      },
      { id: 'paper', title: words.paper, blocks: paragraphs(words.paperText) },
      {
        id: 'check',
        title: words.check,
        blocks: [
          ...paragraphs(words.checkPage),
          { kind: 'commands', lines: ['chronos verify FILE FILE.chronos.json'] },
          { kind: 'facts', rows: [{ label: words.verifyPage, value: url, link: url }] },
        ],
      },
      { id: 'hand', title: words.checkHand, blocks: handSteps(proof, anchors, words) },
    ],
    scan: {
      title: words.scan,
      text: words.scanText,
      url,
      alt: words.qrAlt(url),
      modules: encodeQR(url, 'raw', { ecc: 'medium', border: 4 }),
    },
    proof: { title: words.proof, text: words.proofText, fileName: attachment, json: formatProof(proof) },
    pageLabel: (number, of) => words.page(number, of),
  };
}
