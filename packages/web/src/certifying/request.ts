import { formatProof, type Proof } from '@chronos/shared';
import { navigate } from '../router.js';

/** What a certificate is wanted of. */
export interface CertificateRequest {
  proof: Proof;
  fileName?: string;
}

const KEY = 'chronos.certificate';
let current: CertificateRequest | undefined;

/** Goes to the certificate of a proof. It is kept for this tab alone, so that the page can be loaded again. */
export function openCertificate(request: CertificateRequest): void {
  current = request;
  keep(JSON.stringify({ ...request, proof: formatProof(request.proof) }));
  navigate('/certificate');
}

/** What was asked for last in this tab: the proof as text, to be parsed by who uses it. */
export function certificateRequest(): { proofText: string; fileName?: string } | undefined {
  if (current !== undefined) {
    const { proof, ...rest } = current;
    return { ...rest, proofText: formatProof(proof) };
  }
  const text = kept();
  if (text === null) return undefined;
  const { proof, ...rest } = JSON.parse(text) as { proof: string; fileName?: string };
  return { ...rest, proofText: proof };
}

function keep(text: string): void {
  try {
    sessionStorage.removeItem(KEY); // or, where there is no room, the one before would pass for this one
    sessionStorage.setItem(KEY, text);
  } catch {
    return; // refused by the browser: then it is there until the page is left
  }
}

function kept(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null; // refused: as if nothing had been kept
  }
}
