import type { NamedFile } from './stamps.js';

/** The files of a drop, those in folders included, under their paths there. */
export async function droppedFiles(transfer: DataTransfer): Promise<NamedFile[]> {
  // Entries have to be taken before the first await: afterwards the drop is empty.
  const entries = [...transfer.items].map((item) => (item.kind === 'file' ? item.webkitGetAsEntry() : null));
  const loose = [...transfer.files];
  if (entries.every((entry) => entry === null)) return loose.map((file) => ({ name: file.name, file }));
  const found = await Promise.all(entries.filter((entry) => entry !== null).map(filesOf));
  return found.flat();
}

/** What was chosen; of a chosen folder, the paths below it. */
export function chosenFiles(files: FileList): NamedFile[] {
  return [...files].map((file) => ({
    name: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath,
    file,
  }));
}

async function filesOf(entry: FileSystemEntry): Promise<NamedFile[]> {
  if (isDirectory(entry)) {
    const files: NamedFile[] = [];
    for (const child of await childrenOf(entry)) files.push(...(await filesOf(child)));
    return files;
  }
  const file = await new Promise<File>((resolve, reject) => {
    (entry as FileSystemFileEntry).file(resolve, reject);
  });
  return [{ name: entry.fullPath.replace(/^\//, ''), file }];
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/** A reader gives the children by the hundred, and none at the end. */
async function childrenOf(directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = directory.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (some.length === 0) return children;
    children.push(...some);
  }
}

/** What stands in a text that should be digests. */
export interface PastedDigests {
  digests: string[];
  /** The first line, from 1, that is none. */
  faultyLine?: number;
}

/** One digest a line; upper case and what `sha256sum` puts after it are taken, and so are empty lines. */
export function parseDigests(text: string): PastedDigests {
  const digests: string[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const digest = /^\s*\\?([0-9a-f]{64})(\s.*)?$/i.exec(line)?.[1];
    if (digest === undefined) return { digests, faultyLine: i + 1 };
    digests.push(digest.toLowerCase());
  }
  return { digests: [...new Set(digests)] };
}
