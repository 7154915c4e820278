import { navigate } from '../router.js';

// Files that were given to one page and belong to another: in memory, for a moment.
let files: readonly File[] = [];

/** Goes to the verify page with these files; and with a digest, where that stands for the document, behind a `#`, where no server sees it. */
export function verifyThere(given: readonly File[], digest?: string): void {
  files = given;
  navigate(digest === undefined ? '/verify' : `/verify#${digest}`);
}

/** What was handed over, once. */
export function takeHandover(): readonly File[] {
  const given = files;
  files = [];
  return given;
}
