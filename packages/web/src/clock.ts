/** The device's wall clock, Unix milliseconds. */
export function nowMs(): number {
  return Date.now();
}

/** Waits, or until `signal` aborts; then it returns early, and does not throw. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
