// @ts-check
// Whether a program in its container answers: node healthcheck.mjs URL. A refusal is an answer too, a fault of the program or silence is none.
// Whether the service can *serve* is the balancer's question, which asks /readyz: a container is not to be killed because a chain is away.
const [url = ''] = process.argv.slice(2);
try {
  const { status } = await fetch(url, { signal: AbortSignal.timeout(4_000) });
  if (status >= 500) throw new Error(`it answered ${status}`);
} catch (error) {
  console.error(`${url}: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
