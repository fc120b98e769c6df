import { Counter, type Registry } from '@node-to-cloud/telemetry'

/** Options of {@link startCounting}. */
export interface CountingOptions {
  readonly registry: Registry
  /** The value of the label `environment`. */
  readonly environment: string
  /** Time between two increments; default 5 s. */
  readonly intervalMs?: number
}

/**
 * Registers `custom_metric_example_total` and increments it at every interval.
 *
 * @returns a function that stops counting
 */
export function startCounting(options: CountingOptions): () => void {
  const counter = new Counter({
    name: 'custom_metric_example_total',
    help: 'Example of a custom metric: increases by one every few seconds',
    labelNames: ['app', 'environment'],
    registers: [options.registry],
  })
  const labels = { app: 'custom-metrics-example', environment: options.environment }
  counter.inc(labels, 0)
  const timer = setInterval(() => counter.inc(labels), options.intervalMs ?? 5_000).unref()
  return () => clearInterval(timer)
}
