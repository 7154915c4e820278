import { CopyButton } from './copy-button.js';

/** A digest, in groups for the eye, whole for the clipboard and for a screen reader. */
export function DigestText({ digest, what }: { digest: string; what: string }) {
  return (
    <span class="digest-text">
      <code class="digest-groups">
        {Array.from({ length: digest.length / 8 }, (_, i) => (
          <span key={i}>{digest.slice(8 * i, 8 * i + 8)}</span>
        ))}
      </code>
      <CopyButton text={digest} what={what} />
    </span>
  );
}
