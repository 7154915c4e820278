import { createServer, type Server } from 'node:http';
import { listen } from './listen.js';
import type { ProxyMetrics } from './metrics.js';

/** Serves `GET /metrics` to Prometheus, on a port of its own that is not the public's. */
export async function startMetricsServer(
  metrics: ProxyMetrics,
  { host, port }: { host: string; port: number },
): Promise<Server> {
  const server = createServer((req, res) => {
    if (req.method !== 'GET' || req.url !== '/metrics') {
      res.writeHead(404, { 'content-type': 'text/plain' }).end('Metrics are at GET /metrics.\n');
      return;
    }
    metrics.registry.metrics().then(
      (text) => {
        res.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text);
      },
      () => {
        res.writeHead(500).end();
      },
    );
  });
  server.maxConnections = 64;
  await listen(server, { host, port, setting: 'CHRONOS_METRICS_PORT' });
  return server;
}
