import assert from 'node:assert/strict'
import { requestJson, type TestEmulator } from './running-emulator.ts'
import { START_SECONDS } from './time-series.ts'

/** A resource whose points Google accepts, except for its project. */
export const TARGET = { location: 'us-central1', instance: 'i-1', job: 'shop' }

/** A time in seconds after `START_SECONDS`, in OTLP/JSON. */
export const nanos = (seconds: number): string => `${START_SECONDS + seconds}000000000`

/** Attributes in OTLP/JSON; values other than strings and whole numbers are passed as an `AnyValue`. */
export const attributes = (values: Record<string, unknown>): object[] =>
  Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : typeof value === 'number' ? { intValue: value } : value,
  }))

export const request = (metrics: object[], resource: Record<string, unknown> = TARGET, scope: object = {}): object => ({
  resourceMetrics: [{ resource: { attributes: attributes(resource) }, scopeMetrics: [{ scope, metrics }] }],
})

/** A data point at `START_SECONDS`, which started a minute before. */
export const point = (changes: object = {}): object => ({
  startTimeUnixNano: nanos(-60),
  timeUnixNano: nanos(0),
  asDouble: 1.5,
  ...changes,
})

export const gauge = (name: string, ...dataPoints: object[]): object => ({ name, unit: 's', gauge: { dataPoints } })

/** A cumulative monotonic sum `requests`, with overrides. */
export const sum = (changes: object = {}, ...dataPoints: object[]): object => ({
  name: 'requests',
  sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints, ...changes },
})

/** A histogram `latency` with one point; the temporality is cumulative (2) or delta (1). */
export const histogram = (changes: object = {}, temporality = 2): object => ({
  name: 'latency',
  histogram: {
    aggregationTemporality: temporality,
    dataPoints: [point({ count: 3, sum: 6, bucketCounts: ['1', 2, 0], explicitBounds: [1, 5], ...changes })],
  },
})

/** An exponential histogram `size` with one point. */
export const exponentialHistogram = (changes: object = {}, temporality = 2): object => ({
  name: 'size',
  exponentialHistogram: { aggregationTemporality: temporality, dataPoints: [point(changes)] },
})

/** The partial success of an accepted request. */
export async function send(emulator: TestEmulator, body: object): Promise<{ rejected: number; message: string }> {
  const { status, json } = await requestJson(`${emulator.url}/v1/metrics`, { body })
  assert.equal(status, 200, JSON.stringify(json))
  const { rejectedDataPoints = '0', errorMessage = '' } = json.partialSuccess ?? {}
  return { rejected: Number(rejectedDataPoints), message: errorMessage }
}

/** The series of a metric type below `prometheus.googleapis.com/`. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many forms
export async function read({ url }: TestEmulator, type: string, project = 'demo-project'): Promise<any[]> {
  const query = new URLSearchParams({
    filter: `metric.type="prometheus.googleapis.com/${type}"`,
    'interval.startTime': new Date((START_SECONDS - 3600) * 1000).toISOString(),
    'interval.endTime': new Date((START_SECONDS + 3600) * 1000).toISOString(),
  })
  const { json } = await requestJson(`${url}/v3/projects/${project}/timeSeries?${query}`)
  return json.timeSeries ?? []
}
