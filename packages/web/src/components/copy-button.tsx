import { useEffect, useState } from 'preact/hooks';
import { useMessages } from '../i18n/language.js';
import { CheckIcon, CopyIcon } from './icons.js';

const SHOWN_MS = 2_000;

/** Puts a text onto the clipboard; `what` names it for those who do not see what stands beside the button; `label` is its text where that is more than “Copy”. */
export function CopyButton({ text, what, label }: { text: string; what: string; label?: string }) {
  const { common } = useMessages();
  const [outcome, setOutcome] = useState<'copied' | 'refused'>();
  useEffect(() => {
    if (outcome === undefined) return undefined;
    const timer = setTimeout(() => {
      setOutcome(undefined);
    }, SHOWN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [outcome]);
  const copy = () => {
    // Without https the browser has no clipboard for pages.
    const writing =
      (navigator.clipboard as Clipboard | undefined)?.writeText(text) ?? Promise.reject(new Error('none'));
    writing.then(
      () => {
        setOutcome('copied');
      },
      () => {
        setOutcome('refused');
      },
    );
  };
  const said = outcome === undefined ? '' : outcome === 'copied' ? common.copied : common.notCopied;
  return (
    <>
      <button type="button" class="button small quiet" onClick={copy} aria-label={common.copyWhat(what)}>
        {outcome === 'copied' ? <CheckIcon /> : <CopyIcon />}
        <span aria-hidden="true">{said === '' ? (label ?? common.copy) : said}</span>
      </button>
      <span class="visually-hidden" role="status">
        {said}
      </span>
    </>
  );
}
