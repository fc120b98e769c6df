import { collectDefaultMetrics, type Registry } from './client.ts'

/** Gauges that end in `_total`: promtool rejects the names, and each is the sum of the gauge without it. */
const REJECTED_NAMES = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

/** Registers the client's metrics of this process (`process_*`, `nodejs_*`) in `registry`, but for three gauges that are named like counters. */
export function registerProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry })
  for (const name of REJECTED_NAMES) registry.removeSingleMetric(name)
}
