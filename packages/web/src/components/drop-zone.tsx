import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useMessages } from '../i18n/language.js';
import { chosenFiles, droppedFiles } from '../stamping/input.js';
import type { NamedFile } from '../stamping/stamps.js';
import { UploadIcon } from './icons.js';

export interface DropZoneProps {
  /** What may be dropped here, and what letting go does. */
  words: { here: string; release: string; note?: string };
  onFiles: (files: NamedFile[]) => void;
  isCompact?: boolean;
}

/** Where files and folders are dropped or chosen. Dropping works on the whole window, so that nobody's file replaces the page. */
export function DropZone({ words, onFiles, isCompact = false }: DropZoneProps) {
  const { drop } = useMessages();
  const [isOver, setOver] = useState(false);
  const [isReading, setReading] = useState(false);
  const [isUnreadable, setUnreadable] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const note = useId();
  const take = useRef(onFiles);
  take.current = onFiles;

  useEffect(() => {
    // Preact's types do not know the attribute.
    if (folder.current !== null) folder.current.webkitdirectory = true;
  }, []);

  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    const onDragOver = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onDragLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      if (!hasFiles(event) || event.dataTransfer === null) return;
      event.preventDefault();
      setOver(false);
      setUnreadable(false);
      setReading(true);
      droppedFiles(event.dataTransfer)
        .then(
          (dropped) => {
            take.current(dropped);
          },
          () => {
            setUnreadable(true);
          },
        )
        .finally(() => {
          setReading(false);
        });
    };
    addEventListener('dragover', onDragOver);
    addEventListener('dragleave', onDragLeave);
    addEventListener('drop', onDrop);
    return () => {
      removeEventListener('dragover', onDragOver);
      removeEventListener('dragleave', onDragLeave);
      removeEventListener('drop', onDrop);
    };
  }, []);

  const choose = (input: HTMLInputElement) => {
    if (input.files !== null && input.files.length > 0) onFiles(chosenFiles(input.files));
    input.value = ''; // so that choosing the same file again is a choice
  };

  return (
    <div class={`drop-zone${isOver ? ' over' : ''}${isCompact ? ' compact' : ''}`}>
      <UploadIcon />
      <p class="drop-title">{isOver ? words.release : words.here}</p>
      <div class="row drop-buttons">
        <button
          type="button"
          class="button primary"
          aria-describedby={words.note === undefined ? undefined : note}
          onClick={() => files.current?.click()}
        >
          {drop.chooseFiles}
        </button>
        <button type="button" class="button" onClick={() => folder.current?.click()}>
          {drop.chooseFolder}
        </button>
      </div>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        data-files
        onChange={(event) => {
          choose(event.currentTarget);
        }}
      />
      <input
        ref={folder}
        type="file"
        multiple
        hidden
        data-folder
        onChange={(event) => {
          choose(event.currentTarget);
        }}
      />
      {words.note === undefined ? null : (
        <p class="muted" id={note}>
          <small>{words.note}</small>
        </p>
      )}
      <p role="status" class="muted">
        {isReading ? drop.reading : ''}
      </p>
      {isUnreadable ? (
        <p role="alert" class="field-fault">
          {drop.unreadable}
        </p>
      ) : null}
    </div>
  );
}
