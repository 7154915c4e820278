import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type MetricDefinition, type MetricName, METRICS } from './table.js';

type Label<D> = D extends { labels: readonly (infer L extends string)[] } ? L : never;
type Instrument<D extends MetricDefinition> = D['kind'] extends 'counter'
  ? Counter<Label<D>>
  : D['kind'] extends 'gauge'
    ? Gauge<Label<D>>
    : Histogram<Label<D>>;

/** The instruments by name, and the registry that they stand in. */
export type Metrics = { registry: Registry } & { [N in MetricName]: Instrument<(typeof METRICS)[N]> };

/** Makes all of {@link METRICS}, and those of the process and of Node. */
export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const made = Object.entries(METRICS).map(([name, definition]) => [name, instrument(name, definition, registry)]);
  const metrics = { registry, ...Object.fromEntries(made) } as Metrics;
  metrics.chronos_build_info.set({ version, node: process.version }, 1);
  return metrics;
}

function instrument(name: string, { kind, help, labels = [], buckets = [] }: MetricDefinition, registry: Registry) {
  const common = { name, help, labelNames: [...labels], registers: [registry] };
  if (kind === 'counter') return new Counter(common);
  return kind === 'gauge' ? new Gauge(common) : new Histogram({ ...common, buckets: [...buckets] });
}
