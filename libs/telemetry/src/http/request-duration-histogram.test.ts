import assert from 'node:assert/strict'
import { STATUS_CODES } from 'node:http'
import { test } from 'node:test'
import { randomFrom } from '../../test/testing/random.ts'
import { Histogram, Registry } from '../metrics/client.ts'
import { OTHER_METHOD } from './request/known-method.ts'
import { RequestDurationHistogram } from './request-duration-histogram.ts'

const BUCKETS = [0.005, 0.1, 0.5, 1]
const configuration = () => ({
  name: 'duration_seconds',
  help: 'Durations',
  labels: { method: 'method', route: 'path', status: 'status' },
  buckets: BUCKETS,
  registers: [new Registry()],
})

async function valuesOf(histogram: Pick<Histogram<string>, 'get'>) {
  const { name, help, type, aggregator, values } = await histogram.get()
  return { name, help, type, aggregator, values: JSON.parse(JSON.stringify(values)) as unknown[] }
}

/** The client prints the label `le` first and has no exemplar for sums and counts; neither has a meaning. */
function comparable(json: Awaited<ReturnType<typeof valuesOf>>) {
  const byName = (one: [string, unknown], other: [string, unknown]) => (one[0] < other[0] ? -1 : 1)
  return {
    ...json,
    values: json.values.map((value) => {
      const { labels, ...rest } = value as { labels: Record<string, unknown> }
      return { ...rest, labels: Object.fromEntries(Object.entries(labels).sort(byName)) }
    }),
  }
}

test('the same observations result in the same JSON as with the client’s own histogram', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  const random = randomFrom(seed)
  const pick = <T>(items: readonly [T, ...T[]]): T => items[Math.floor(random() * items.length)] ?? items[0]
  const { labels: names, ...others } = configuration()
  const clients = new Histogram({ ...others, labelNames: Object.values(names) })
  const ours = new RequestDurationHistogram(configuration())
  for (let count = 0; count < 2000; count++) {
    const labels = {
      method: pick(['GET', 'POST', 'DELETE']),
      path: pick(['/', '/users/:id', 'unmatched']),
      status: pick([200, 404, 503]),
    }
    // Powers of two, whose sums are exact in any order; and the bounds themselves, which belong to their bucket.
    const seconds = pick([2 ** -10, 2 ** -4, 0.25, 2, 0, ...BUCKETS.filter((bound) => bound >= 0.5)])
    clients.observe(labels, seconds)
    ours.observe(labels, seconds)
  }
  assert.deepEqual(comparable(await valuesOf(ours)), comparable(await valuesOf(clients)), `seed ${seed}`)
})

test('a value on a bound belongs to that bucket, one above the last bound to +Inf', async () => {
  for (const [seconds, expected] of [
    [0.1, [0, 1, 1, 1, 1]],
    [0.100001, [0, 0, 1, 1, 1]],
    [7, [0, 0, 0, 0, 1]],
  ] as const) {
    const histogram = new RequestDurationHistogram(configuration())
    histogram.observe({ method: 'GET', path: '/', status: 200 }, seconds)
    const { values } = await histogram.get()
    assert.deepEqual(
      values.filter(({ metricName }) => metricName === 'duration_seconds_bucket').map(({ value }) => value),
      expected,
    )
  }
})

test('the timer of the client observes', async () => {
  const histogram = new RequestDurationHistogram(configuration())
  const seconds = histogram.startTimer({ method: 'GET', path: '/' })({ status: 200 })
  const { values } = await histogram.get()
  assert.equal(values.find(({ metricName }) => metricName === 'duration_seconds_sum')?.value, seconds)
  assert.deepEqual([...histogram.countsByMethodAndStatus()], [{ method: 'GET', status: 200, count: 1 }])
})

test('the bucket of an observation gets its exemplar, but only if the trace is sampled', async () => {
  const histogram = new RequestDurationHistogram(configuration())
  const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
  histogram.record('GET', '/', 200, 0.2, { ...span, timestampSeconds: 1 })
  histogram.record('GET', '/', 200, 0.3)
  const exemplars = (await valuesOf(histogram)).values.flatMap((value) => {
    const { exemplar, labels } = value as { exemplar?: { labelSet: object; value: number }; labels: { le?: number } }
    return exemplar ? [{ le: labels.le, labelSet: exemplar.labelSet, value: exemplar.value }] : []
  })
  assert.deepEqual(exemplars, [{ le: 0.5, labelSet: { trace_id: span.traceId, span_id: span.spanId }, value: 0.2 }])
})

test('10,000 unknown methods share one label value', async () => {
  const histogram = new RequestDurationHistogram(configuration())
  for (let index = 0; index < 10_000; index++) {
    histogram.observe({ method: `METHOD${index}`, path: 'unmatched', status: 404 }, 0.001)
  }
  assert.deepEqual([...histogram.countsByMethodAndStatus()], [{ method: OTHER_METHOD, status: 404, count: 10_000 }])
})

test('statuses that HTTP does not define share their class', async () => {
  const histogram = new RequestDurationHistogram(configuration())
  for (let status = 200; status < 600; status++) histogram.observe({ method: 'GET', path: '/', status }, 0.001)
  const known = Object.keys(STATUS_CODES).filter((status) => Number(status) >= 200)
  const statuses = [...histogram.countsByMethodAndStatus()].map(({ status }) => String(status))
  assert.deepEqual(statuses.sort(), [...known, '2xx', '3xx', '4xx', '5xx'].sort())
})

test('a reset forgets every label set', async () => {
  const histogram = new RequestDurationHistogram(configuration())
  histogram.observe({ method: 'GET', path: '/', status: 200 }, 1)
  histogram.reset()
  assert.deepEqual((await histogram.get()).values, [])
  histogram.observe({ method: 'GET', path: '/', status: 200 }, 1)
  assert.deepEqual([...histogram.countsByMethodAndStatus()], [{ method: 'GET', status: 200, count: 1 }])
})
