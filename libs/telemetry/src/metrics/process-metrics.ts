import { Counter, collectDefaultMetrics, type Registry } from './client.ts'

/**
 * The client's metrics that are omitted because promtool rejects their names: gauges that end in `_total`, each the sum
 * of the gauge without the suffix, and metrics that are named after their type.
 */
const REJECTED_NAMES = [
  ...['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'],
  ...['nodejs_eventloop_utilization_histogram', 'nodejs_eventloop_utilization_summary'],
]

const HOUR_MS = 3_600_000

/**
 * Registers the client's metrics of this process (`process_*`, `nodejs_*`) in `registry`, except for those whose names
 * promtool rejects. CPU time is counted from the start of the process.
 *
 * @param options `onlyProcess` omits `nodejs_*`, for a process whose event loop is of no interest
 */
export function registerProcessMetrics(registry: Registry, options: { readonly onlyProcess?: boolean } = {}): void {
  const { user, system } = process.cpuUsage()
  collectDefaultMetrics({
    register: registry,
    // Observations continue without their metric, and would wake an idle process ten and a hundred times a second.
    eventLoopUtilizationTimeout: HOUR_MS,
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
