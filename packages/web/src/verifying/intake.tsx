import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { UploadIcon } from '../components/icons.js';
import { useMessages } from '../i18n/language.js';

interface Taker {
  onFiles: (files: readonly File[]) => void;
  onDigest: (digest: string) => void;
}

/** Where files are given (dropped anywhere on the page, or chosen), or a digest in their place. */
export function Intake({ onFiles, onDigest }: Taker) {
  const { verify: words } = useMessages();
  const isOver = useDrop(onFiles);
  const input = useRef<HTMLInputElement>(null);
  const note = useId();
  return (
    <div class="card stack">
      <div class={`drop${isOver ? ' over' : ''}`}>
        <UploadIcon />
        <p class="drop-title">{words.drop}</p>
        <button type="button" class="button primary" aria-describedby={note} onClick={() => input.current?.click()}>
          {words.choose}
        </button>
        <input
          ref={input}
          type="file"
          multiple
          class="visually-hidden"
          tabIndex={-1}
          aria-hidden="true"
          onChange={(event) => {
            const files = [...(event.currentTarget.files ?? [])];
            event.currentTarget.value = ''; // so that the same file can be given again
            onFiles(files);
          }}
        />
        <p class="muted" id={note}>
          <small>{words.chooseNote}</small>
        </p>
      </div>
      <PastedDigest onDigest={onDigest} />
    </div>
  );
}

/** Files may be let go anywhere on the page: beside the zone the browser would open them, and the page would be gone. */
function useDrop(onFiles: Taker['onFiles']): boolean {
  const [isOver, setOver] = useState(false);
  const taker = useRef(onFiles);
  taker.current = onFiles;
  useEffect(() => {
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    const onOver = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      setOver(false);
      taker.current([...(event.dataTransfer?.files ?? [])]);
    };
    addEventListener('dragover', onOver);
    addEventListener('dragleave', onLeave);
    addEventListener('drop', onDrop);
    return () => {
      removeEventListener('dragover', onOver);
      removeEventListener('dragleave', onLeave);
      removeEventListener('drop', onDrop);
    };
  }, []);
  return isOver;
}

function PastedDigest({ onDigest }: Pick<Taker, 'onDigest'>) {
  const { verify: words } = useMessages();
  const [text, setText] = useState('');
  const [isFaulty, setFaulty] = useState(false);
  const id = useId();
  return (
    <details class="paste">
      <summary>{words.paste}</summary>
      <form
        class="field"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const digest = digestIn(text);
          setFaulty(digest === undefined);
          if (digest === undefined) return;
          setText('');
          onDigest(digest);
        }}
      >
        <label for={id}>{words.digest}</label>
        <input
          id={id}
          class="input mono"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={text}
          aria-invalid={isFaulty}
          aria-describedby={`${id}-hint ${id}-fault`}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setFaulty(false);
          }}
        />
        <p class="hint" id={`${id}-hint`}>
          {words.pasteHint}
        </p>
        <p class="field-fault" id={`${id}-fault`} role="alert">
          {isFaulty ? words.pasteFault : null}
        </p>
        <button type="submit" class="button">
          {words.pasteUse}
        </button>
      </form>
    </details>
  );
}

/** A digest as it is, or as the line that sha256sum prints. */
function digestIn(text: string): string | undefined {
  return /^([0-9a-f]{64})(\s.*)?$/s.exec(text.trim().toLowerCase())?.[1];
}
