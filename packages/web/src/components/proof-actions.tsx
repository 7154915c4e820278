import { formatProof, isComplete, type Proof } from '@chronos/shared';
import { openCertificate } from '../certifying/request.js';
import { useMessages } from '../i18n/language.js';
import { baseName, downloadProof, proofFileName } from '../proof-file.js';
import { verifyThere } from '../verifying/handover.js';
import { DownloadIcon } from './icons.js';

/** What can be done with a proof: saved, and once it is complete verified and certified. `name` is its document's path, empty for a digest. */
export function ProofActions({ proof, name }: { proof: Proof; name: string }) {
  const { list: words } = useMessages();
  const fileName = baseName(name);
  const save = () => {
    downloadProof(name, proof);
  };
  if (!isComplete(proof)) {
    return (
      <button type="button" class="button" onClick={save}>
        <DownloadIcon />
        {words.incompleteProof}
      </button>
    );
  }
  const verify = () => {
    const digest = proof.digest.value;
    const file = new File([formatProof(proof)], proofFileName({ name: fileName, digest }));
    // The document of a named proof is to be given again: it is the one that may have changed.
    verifyThere([file], fileName === '' ? digest : undefined);
  };
  return (
    <>
      <button type="button" class="button primary" onClick={save}>
        <DownloadIcon />
        {words.proof}
      </button>
      <button
        type="button"
        class="button"
        onClick={() => {
          openCertificate({ proof, ...(fileName === '' ? {} : { fileName }) });
        }}
      >
        {words.certificate}
      </button>
      <button type="button" class="button" onClick={verify}>
        {words.verify}
      </button>
    </>
  );
}
