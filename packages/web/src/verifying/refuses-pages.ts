const TIMEOUT_MS = 4_000;

/**
 * Whether an endpoint that gave a page no answer is there all the same, and only lets no page read it (CORS). The browser tells a page the
 * same of both; but a request whose answer nobody can read is let through.
 */
export async function refusesPages(url: string): Promise<boolean> {
  try {
    await fetch(url, { method: 'POST', mode: 'no-cors', body: '{}', signal: AbortSignal.timeout(TIMEOUT_MS) });
    return true;
  } catch {
    return false; // not there either way
  }
}
