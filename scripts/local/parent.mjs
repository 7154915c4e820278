// @ts-check

/**
 * Calls `gone` when `npm start` has ended. npm runs a script through a shell, and hands a SIGTERM on to that shell alone, which dies of it: this
 * process would go on with nobody to stop it.
 *
 * @param {() => void} gone
 */
export function onceNpmIsGone(gone) {
  if (process.env['npm_lifecycle_event'] !== 'start') return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    gone();
  }, 250);
  timer.unref();
}
