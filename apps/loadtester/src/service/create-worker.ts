import type { Registry } from '@node-to-cloud/telemetry'
import { WorkerMetrics } from '../metrics/worker-metrics.ts'
import { WorkerAgent, type WorkerAgentOptions } from '../worker/worker-agent.ts'

export interface WorkerSetup extends Omit<WorkerAgentOptions, 'id' | 'metrics'> {
  /** Where the worker's metrics are registered; default: nowhere. */
  readonly registry?: Registry | undefined
}

/** Creates a worker, on its own or beside a master: every worker of a process is put together here. */
export function createWorker({ registry, ...options }: WorkerSetup): WorkerAgent {
  const metrics = registry === undefined ? undefined : new WorkerMetrics(registry, options.maximumSeries)
  return new WorkerAgent({ ...options, metrics })
}
