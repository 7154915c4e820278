import { navigate } from '../router.js';

// Files that were given to one page and belong to another: in memory, for a moment.
let files: readonly File[] = [];

/** Goes to the verify page with these files. */
export function verifyThere(given: readonly File[]): void {
  files = given;
  navigate('/verify');
}

/** What was handed over, once. */
export function takeHandover(): readonly File[] {
  const given = files;
  files = [];
  return given;
}
