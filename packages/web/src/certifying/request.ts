import { navigate } from '../router.js';
import { formatProof, type Proof } from '../service/shared.js';

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
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ ...request, proof: formatProof(request.proof) }));
  } catch {
    sessionStorage.removeItem(KEY); // too large, or refused: then it is there until the page is left
  }
  navigate('/certificate');
}

/** What was asked for last in this tab: the proof as text, to be parsed by who uses it. */
export function certificateRequest(): { proofText: string; fileName?: string } | undefined {
  if (current !== undefined) {
    const { proof, ...rest } = current;
    return { ...rest, proofText: formatProof(proof) };
  }
  const kept = sessionStorage.getItem(KEY);
  if (kept === null) return undefined;
  const { proof, ...rest } = JSON.parse(kept) as { proof: string; fileName?: string };
  return { ...rest, proofText: proof };
}
