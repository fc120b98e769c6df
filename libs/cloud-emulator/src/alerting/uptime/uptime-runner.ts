import { timestampToMicros } from '../../protos/timestamp.ts'
import type { AllowedHosts } from '../outbound/allowed-hosts.ts'
import { locationsOf } from './checker-locations.ts'
import { type ProbeResult, probe } from './probe.ts'
import type { UptimeCheckMessage } from './uptime-check.ts'
import type { UptimeStore } from './uptime-store.ts'

const PREFIX = 'monitoring.googleapis.com/uptime_check/'
const MAX_AT_ONCE = 50

/** Writes series, in the JSON of CreateServiceTimeSeries, to a project. */
export type WriteSeries = (projectId: string, timeSeries: readonly object[]) => void

export interface UptimeRunnerOptions {
  readonly checks: UptimeStore
  readonly allowed: AllowedHosts
  readonly nowMicros: () => number
  readonly write: WriteSeries
}

/** The newest result of a check. */
export interface UptimeResult extends ProbeResult {
  readonly atMicros: number
}

/** Runs uptime checks when they are due, and writes their metrics. */
export class UptimeRunner {
  readonly #options: UptimeRunnerOptions
  readonly #startedMicros = new Map<string, number>()
  readonly #results = new Map<string, UptimeResult>()
  readonly #running = new Set<Promise<void>>()
  #ended = new AbortController()

  constructor(options: UptimeRunnerOptions) {
    this.#options = options
  }

  resultOf(name: string): UptimeResult | undefined {
    return this.#results.get(name)
  }

  /** Starts the checks that are due. */
  runDue(): void {
    const { checks, nowMicros } = this.#options
    const now = nowMicros()
    for (const name of this.#startedMicros.keys()) if (!checks.find(name)) this.#forget(name)
    for (const check of checks.all()) {
      if (this.#running.size >= MAX_AT_ONCE) return
      const host = hostOf(check)
      const last = this.#startedMicros.get(check.name)
      const periodMicros = check.period ? timestampToMicros(check.period) : 60e6
      // If the clock was set back, checks start over.
      if (host === undefined || (last !== undefined && now >= last && now - last < periodMicros)) continue
      this.#startedMicros.set(check.name, now)
      const run = this.#run(check, host).finally(() => this.#running.delete(run))
      this.#running.add(run)
    }
  }

  /** Resolves once no check is running. */
  async settled(): Promise<void> {
    await Promise.all(this.#running)
  }

  clear(): void {
    this.close()
    this.#ended = new AbortController()
    this.#startedMicros.clear()
    this.#results.clear()
  }

  close(): void {
    this.#ended.abort()
  }

  #forget(name: string): void {
    this.#startedMicros.delete(name)
    this.#results.delete(name)
  }

  async #run(check: UptimeCheckMessage, host: string): Promise<void> {
    const { signal } = this.#ended
    const result = await probe(check, { host, allowed: this.#options.allowed, signal })
    if (signal.aborted || !this.#options.checks.find(check.name)) return
    const atMicros = this.#options.nowMicros()
    this.#results.set(check.name, { ...result, atMicros })
    this.#options.write(check.name.split('/')[1] ?? '', seriesOf(check, result, atMicros))
  }
}

/** The host that a check probes; undefined if its resource has no address here. */
export function hostOf({ monitoredResource }: UptimeCheckMessage): string | undefined {
  return monitoredResource?.type === 'uptime_url' ? monitoredResource.labels.host : undefined
}

/** The metrics of a check, for each of its locations. */
function seriesOf(check: UptimeCheckMessage, result: ProbeResult, atMicros: number): object[] {
  const [, projectId = '', , checkId = ''] = check.name.split('/')
  const resource = check.monitoredResource ?? { type: 'uptime_url', labels: {} }
  const endTime = new Date(Math.floor(atMicros / 1000)).toISOString()
  const host = hostOf(check) ?? ''
  const values: [name: string, valueType: string, value: object, unit: string][] = [
    ['check_passed', 'BOOL', { boolValue: result.passed }, ''],
    ['request_latency', 'DOUBLE', { doubleValue: result.latencyMs }, 'ms'],
    ['content_mismatch', 'BOOL', { boolValue: result.contentMismatch }, ''],
  ]
  if (result.status !== undefined) values.push(['http_status', 'INT64', { int64Value: String(result.status) }, ''])
  if (result.certificateDays !== undefined)
    values.push(['time_until_ssl_cert_expires', 'DOUBLE', { doubleValue: result.certificateDays }, 'd'])
  return locationsOf(check.selectedRegions).flatMap(({ label }) =>
    values.map(([name, valueType, value, unit]) => ({
      metric: {
        type: `${PREFIX}${name}`,
        labels: { check_id: checkId, checker_location: label, checked_resource_id: host },
      },
      resource: { type: resource.type, labels: { project_id: projectId, ...resource.labels } },
      metricKind: 'GAUGE',
      valueType,
      unit,
      points: [{ interval: { endTime }, value }],
    })),
  )
}
