import { Counter, collectDefaultMetrics, type Registry } from './client.ts'

/** Gauges that end in `_total`: promtool rejects the names, and each is the sum of the gauge without it. */
const REJECTED_NAMES = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

const HOUR_MS = 3_600_000

/**
 * Registers the client's metrics of this process (`process_*`, `nodejs_*`) in `registry`, but for three gauges that are named like counters. The CPU
 * time is that since the start of the process.
 *
 * @param options `onlyProcess` leaves `nodejs_*` out, for a process whose event loop is of no interest
 */
export function registerProcessMetrics(registry: Registry, options: { readonly onlyProcess?: boolean } = {}): void {
  const { user, system } = process.cpuUsage()
  // A monitor of the event loop goes on without its metric, and at its usual 10 ms wakes an idle process a hundred times a second.
  collectDefaultMetrics({
    register: registry,
    ...(options.onlyProcess ? { eventLoopMonitoringPrecision: HOUR_MS } : {}),
  })
  // The client counts from here on.
  addSeconds(registry, 'process_cpu_user_seconds_total', user)
  addSeconds(registry, 'process_cpu_system_seconds_total', system)
  addSeconds(registry, 'process_cpu_seconds_total', user + system)
  for (const { name } of registry.getMetricsAsArray()) {
    if (REJECTED_NAMES.includes(name) || (options.onlyProcess && !name.startsWith('process_')))
      registry.removeSingleMetric(name)
  }
}

function addSeconds(registry: Registry, name: string, microseconds: number): void {
  const metric = registry.getSingleMetric(name)
  if (metric instanceof Counter) metric.inc(microseconds / 1e6)
}
