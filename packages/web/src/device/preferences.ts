// Small choices, kept in localStorage. A browser may refuse it (private windows, blocked site data): then nothing is kept, and all else works.

/** What was kept under `key`, if anything was. */
export function recall(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined; // refused: as if nothing had been kept
  }
}

/** Keeps a choice, and says whether it could. */
export function remember(key: string, value: string): boolean {
  try {
    localStorage.setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    return; // refused: then nothing was kept either
  }
}
