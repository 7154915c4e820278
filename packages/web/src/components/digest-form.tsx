import { useId, useRef, useState } from 'preact/hooks';
import { useMessages } from '../i18n/language.js';
import { parseDigests } from '../stamping/input.js';

export interface DigestFormProps {
  /** What is done with the digests. */
  words: { title: string; submit: string };
  onDigests: (digests: string[]) => void;
}

/** For digests that were computed elsewhere: one a line. */
export function DigestForm({ words: { title, submit: action }, onDigests }: DigestFormProps) {
  const { digestForm: words } = useMessages();
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string>();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const { digests, faultyLine } = parseDigests(text);
    if (faultyLine !== undefined || digests.length === 0) {
      setFault(faultyLine === undefined ? words.empty : words.faulty(faultyLine));
      field.current?.focus();
      return;
    }
    setText('');
    setFault(undefined);
    onDigests(digests);
  };
  return (
    <details class="card disclosure">
      <summary>{title}</summary>
      <form class="stack-small" onSubmit={submit} noValidate>
        <div class="field">
          <label for={id}>{words.label}</label>
          <textarea
            ref={field}
            id={id}
            class="input mono"
            rows={3}
            value={text}
            spellcheck={false}
            autocapitalize="off"
            aria-invalid={fault !== undefined}
            aria-describedby={`${id}-hint ${id}-fault`}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setFault(undefined);
            }}
          />
          <p id={`${id}-fault`} class="field-fault" role="alert">
            {fault}
          </p>
          <p id={`${id}-hint`} class="hint">
            {words.hint}
          </p>
        </div>
        <button type="submit" class="button">
          {action}
        </button>
      </form>
    </details>
  );
}
