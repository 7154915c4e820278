import type { Proof } from '@chronos/shared';
import type { Language } from './words/languages.js';

/** A row of facts. `mono`: to be set in a typewriter face, for values that are compared or copied. */
export interface Fact {
  label: string;
  value: string;
  note?: string;
  mono?: boolean;
  link?: string;
}

/** What a certificate is made of, for whoever sets it: the PDF and the page set the same. */
export type Block =
  | { kind: 'paragraph'; text: string }
  | { kind: 'heading'; text: string }
  | { kind: 'facts'; rows: readonly Fact[] }
  | { kind: 'list'; items: readonly string[] }
  /** Commands for a shell, to be kept line for line. */
  | { kind: 'commands'; lines: readonly string[] };

export interface Section {
  id: 'facts' | 'proved' | 'not-proved' | 'paper' | 'check' | 'hand';
  title: string;
  blocks: readonly Block[];
}

export interface Certificate {
  language: Language;
  title: string;
  claim: { lead: string; utc: string; local?: string; timeMs: number };
  /** Set where the proof is a trial, or of a chain that we do not know. */
  warning?: string;
  sections: readonly Section[];
  scan: { title: string; text: string; url: string; alt: string; modules: readonly (readonly boolean[])[] };
  /** The proof file itself. */
  proof: { title: string; text: string; fileName: string; json: string };
  pageLabel: (number: number, of: number) => string;
}

export interface CertificateInput {
  proof: Proof;
  language: Language;
  /** The IANA's name of the time zone in which the time is told besides UTC. */
  timeZone: string;
  /** Where the service's pages are, for the QR code: `https://chronos.example`. */
  serviceUrl: string;
  /** The endpoints that confirmed the proof; none where the chain was not asked. */
  endpoints: readonly string[];
  fileName?: string;
}
