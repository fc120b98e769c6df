import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Emulator, startEmulator } from '@node-to-cloud/cloud-emulator'
import { deployDir } from '../../src/repository.ts'

const PREFIX = 'external.googleapis.com/prometheus/'
const START_MS = Date.parse('2026-01-02T03:00:00Z')
const STEP_SECONDS = 30
const MiB = 2 ** 20
/** The last points of pods that are gone leave a window of five minutes. */
const RENEWED_SECONDS = 420

/** A series with its value at each second; a counter's rises by it each second. */
interface SyntheticSeries {
  readonly metric: string
  readonly container?: string
  readonly labels?: Record<string, string>
  readonly kind?: 'GAUGE' | 'CUMULATIVE' | 'DISTRIBUTION'
  /** Undefined while nothing is written. */
  readonly value: number | undefined
}

interface Case {
  readonly good: readonly SyntheticSeries[]
  readonly bad: readonly SyntheticSeries[]
  /** Other series than `good` that things are well with: those of new pods, which have counted no error yet. */
  readonly renewed?: readonly SyntheticSeries[]
  /** Until the incident opens, in seconds after things went bad; at most a minute more. */
  readonly fires: number
  /** Until the incident closes, in seconds after things went well again, at most. Default: 120. */
  readonly closes?: number
}

const up = (value: number | undefined): SyntheticSeries => ({ metric: 'up', value })
const requests = (status: string, value: number): SyntheticSeries => ({
  metric: 'flask_http_request',
  labels: { status },
  kind: 'CUMULATIVE',
  value,
})
const memory = (container: string, value: number): SyntheticSeries => ({
  metric: 'process_resident_memory_bytes',
  container,
  value,
})
const latency = (metric: string, value: number): SyntheticSeries => ({ metric, kind: 'DISTRIBUTION', value })
const gauge = (metric: string, value: number, labels = {}): SyntheticSeries => ({ metric, value, labels })
const counter = (metric: string, value: number, container = 'prometheus-sidecar', labels = {}): SyntheticSeries => ({
  metric,
  container,
  labels,
  kind: 'CUMULATIVE',
  value,
})

const CASES: Readonly<Record<string, Case>> = {
  'custom-metrics-example-memory': {
    good: [memory('custom-metrics-example', 100 * MiB)],
    bad: [memory('custom-metrics-example', 150 * MiB)],
    fires: 300,
  },
  'custom-metrics-example-stalled': {
    good: [counter('custom_metric_example', 0.2, 'custom-metrics-example')],
    bad: [counter('custom_metric_example', 0, 'custom-metrics-example')],
    fires: 300,
  },
  'flask-app-error-budget': {
    good: [requests('200', 10), requests('404', 0.5)],
    bad: [requests('200', 10), requests('404', 10)],
    renewed: [requests('200', 10)],
    fires: 120,
    // Until few enough of the requests of five minutes are bad ones.
    closes: 300,
  },
  'flask-app-latency': {
    good: [latency('flask_http_request_duration_seconds', 0.2)],
    bad: [latency('flask_http_request_duration_seconds', 2)],
    fires: 300,
  },
  'flask-app-memory': {
    good: [memory('flask-app-tutorial', 300 * MiB)],
    bad: [memory('flask-app-tutorial', 470 * MiB)],
    fires: 300,
  },
  'flask-app-server-errors': {
    good: [requests('200', 10), requests('500', 0)],
    bad: [requests('200', 10), requests('500', 1)],
    renewed: [requests('200', 10)],
    fires: 300,
  },
  'flask-app-worker-deaths': {
    good: [counter('telemetry_worker_deaths', 0, 'flask-app-tutorial')],
    bad: [counter('telemetry_worker_deaths', 0.05, 'flask-app-tutorial')],
    fires: 300,
  },
  'flask-app-worker-stuck': {
    good: [counter('telemetry_worker_stalls', 0, 'flask-app-tutorial')],
    bad: [counter('telemetry_worker_stalls', 0.05, 'flask-app-tutorial')],
    fires: 60,
  },
  'loadtester-generator-bound': {
    good: [gauge('loadtester_run_generator_bound', 0)],
    bad: [gauge('loadtester_run_generator_bound', 1)],
    fires: 120,
  },
  'loadtester-off-target': {
    good: [gauge('loadtester_run_achieved_rate', 98), gauge('loadtester_run_target_rate', 100)],
    bad: [gauge('loadtester_run_achieved_rate', 50), gauge('loadtester_run_target_rate', 100)],
    fires: 300,
  },
  'loadtester-worker-lost': {
    good: [gauge('loadtester_run_workers', 0, { state: 'lost' })],
    bad: [gauge('loadtester_run_workers', 1, { state: 'lost' })],
    fires: 60,
  },
  'pipeline-audit-differences': {
    good: [counter('prometheus_sidecar_audit_differences', 0, 'prometheus-sidecar', { kind: 'missing' })],
    bad: [counter('prometheus_sidecar_audit_differences', 0.1, 'prometheus-sidecar', { kind: 'missing' })],
    fires: 0,
  },
  'pipeline-behind': {
    good: [gauge('prometheus_remote_storage_queue_length', 10), gauge('prometheus_remote_storage_queue_capacity', 100)],
    bad: [gauge('prometheus_remote_storage_queue_length', 95), gauge('prometheus_remote_storage_queue_capacity', 100)],
    fires: 300,
  },
  'pipeline-refused-points': {
    good: [counter('prometheus_sidecar_refused_points', 0, 'prometheus-sidecar', { code: 'INVALID_ARGUMENT' })],
    bad: [counter('prometheus_sidecar_refused_points', 0.1, 'prometheus-sidecar', { code: 'INVALID_ARGUMENT' })],
    fires: 300,
  },
  'pipeline-silent': { good: [up(1)], bad: [up(undefined)], fires: 330 },
  'pipeline-slow-writes': {
    good: [latency('prometheus_remote_storage_sent_batch_duration_seconds', 0.5)],
    bad: [latency('prometheus_remote_storage_sent_batch_duration_seconds', 20)],
    fires: 300,
  },
  'pipeline-target-down': { good: [up(1)], bad: [up(0)], fires: 120 },
}

const policyIds = readdirSync(join(deployDir, 'alerts'))
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length))

describe('each alert policy fires and closes', () => {
  let emulator: Emulator
  let seconds = 0
  let sums = new Map<string, number>()

  before(async () => {
    emulator = await startEmulator({
      policiesDir: join(deployDir, 'alerts'),
      nowMs: () => START_MS + seconds * 1000,
    })
    assert.deepEqual(emulator.policyProblems, [])
  })
  after(() => emulator.close())

  const write = async (series: readonly SyntheticSeries[]): Promise<void> => {
    const timeSeries = series.flatMap((one) => (one.value === undefined ? [] : [pointOf(one, seconds, sums)]))
    if (timeSeries.length === 0) return
    const response = await fetch(`http://127.0.0.1:${emulator.httpPort}/v3/projects/demo-project/timeSeries`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ timeSeries }),
    })
    assert.equal(response.status, 200, await response.text())
  }
  /** Lets time pass, with points every 30 s, until the policy is firing or not, or for as long as `most`. */
  const pass = async (series: readonly SyntheticSeries[], most: number, until?: () => boolean): Promise<number> => {
    for (let passed = STEP_SECONDS; passed <= most; passed += STEP_SECONDS) {
      seconds += STEP_SECONDS
      await write(series)
      await emulator.state.alerting.catchUp()
      if (until?.()) return passed
    }
    return Number.POSITIVE_INFINITY
  }
  const isOpen = (id: string): boolean =>
    emulator.state.alerting.incidents.openOf(`projects/demo-project/alertPolicies/${id}`).size > 0

  it('has a case for each', () => assert.deepEqual(Object.keys(CASES).sort(), policyIds.sort()))

  for (const [id, { good, bad, renewed, fires, closes = 120 }] of Object.entries(CASES)) {
    const fire = async (): Promise<void> => {
      await emulator.state.reset()
      sums = new Map()
      await pass(good, 240)
      assert.equal(isOpen(id), false, 'quiet while all is well')
      const firedAfter = await pass(bad, fires + 120, () => isOpen(id))
      assert.ok(firedAfter >= fires && firedAfter <= fires + 90, `fired after ${firedAfter} s, not ${fires} s`)
    }
    it(id, async () => {
      await fire()
      const [incident] = emulator.state.alerting.incidents.list('demo-project')
      assert.ok(incident?.documentation?.content.includes('\n1. '), 'says what to do')
      const closedAfter = await pass(good, closes + 60, () => !isOpen(id))
      assert.ok(closedAfter <= closes, `closed after ${closedAfter} s`)
    })
    if (renewed !== undefined)
      it(`${id}, ended by a rollout: the new pods have no such series yet`, async () => {
        await fire()
        const closedAfter = await pass(renewed, RENEWED_SECONDS + 60, () => !isOpen(id))
        assert.ok(closedAfter <= RENEWED_SECONDS, `closed after ${closedAfter} s`)
      })
  }
})

function pointOf(one: SyntheticSeries, seconds: number, sums: Map<string, number>): object {
  const { metric, container = 'flask-app-tutorial', labels = {}, kind = 'GAUGE', value = 0 } = one
  const key = JSON.stringify([metric, container, labels])
  const endTime = new Date(START_MS + seconds * 1000).toISOString()
  const startTime = new Date(START_MS - 60_000).toISOString()
  const count = (sums.get(key) ?? 0) + (kind === 'CUMULATIVE' ? value * STEP_SECONDS : 100)
  sums.set(key, count)
  const slow = (sums.get(`${key} slow`) ?? 0) + (value > 1 ? 50 : 0)
  sums.set(`${key} slow`, slow)
  return {
    metric: { type: `${PREFIX}${metric}`, labels },
    resource: {
      type: 'k8s_container',
      labels: {
        project_id: 'demo-project',
        location: 'europe-west1',
        cluster_name: 'c',
        namespace_name: 'default',
        pod_name: `${container}-1`,
        container_name: container,
      },
    },
    metricKind: kind === 'GAUGE' ? 'GAUGE' : 'CUMULATIVE',
    points: [
      {
        interval: kind === 'GAUGE' ? { endTime } : { startTime, endTime },
        value:
          kind === 'DISTRIBUTION'
            ? { distributionValue: distribution(count, slow) }
            : { doubleValue: kind === 'GAUGE' ? value : count },
      },
    ],
  }
}

/** Requests of 0.1 s or less, and slow ones of 10 to 60 s. */
function distribution(count: number, slow: number): object {
  return {
    count: String(count),
    mean: 1,
    sumOfSquaredDeviation: 1,
    bucketOptions: { explicitBuckets: { bounds: [0.1, 10, 60] } },
    bucketCounts: [String(count - slow), '0', String(slow), '0'],
  }
}
