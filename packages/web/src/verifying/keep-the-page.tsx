import { DownloadIcon } from '../components/icons.js';
import { useMessages } from '../i18n/language.js';

/** The page as a file to keep, with the digest that it has to have. In that file itself there is nothing to save. */
export function KeepThePage() {
  const { verify: words } = useMessages();
  if (import.meta.env.VITE_SINGLE_FILE === 'yes') return <p class="muted">{words.fileNote}</p>;
  return (
    <section class="card stack-small">
      <h2>{words.offlineTitle}</h2>
      <p>{words.offlineText}</p>
      <p>
        <a class="button" href="/chronos-verify.html" download="chronos-verify.html">
          <DownloadIcon />
          {words.offlineGet}
        </a>
      </p>
      <p class="muted">
        {words.offlineSum} <code class="break">{import.meta.env.VITE_VERIFY_FILE_SHA256}</code>
      </p>
    </section>
  );
}
