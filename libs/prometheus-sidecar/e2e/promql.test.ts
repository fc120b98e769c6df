import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startBothFormats } from './both-formats.ts'
import { eventually } from './child.ts'
import { PROMETHEUS_IS_MISSING } from './prometheus.ts'

/** Queries that do not depend on where a metric was scraped; `@name` is a metric, and `@name_total` a counter. */
const QUERIES: readonly string[] = [
  'sum by (queue) (@queue_length)',
  'max(@queue_length) - min(@queue_length)',
  'avg by (queue) (avg_over_time(@queue_length[30s]))',
  'sum by (queue) (max_over_time(@queue_length[30s]) - min_over_time(@queue_length[30s]))',
  'max by (queue) (quantile_over_time(0.5, @queue_length[40s]))',
  'sum by (queue) (stddev_over_time(@queue_length[30s]))',
  'sum by (queue) (delta(@queue_length[30s]))',
  'sum by (queue) (deriv(@queue_length[30s]))',
  'sum by (queue) (last_over_time(@queue_length[1m] offset 12s))',
  'sum by (queue) (@queue_length offset 12s)',
  'count(@queue_length > 50) or vector(0)',
  'count_values("value", @anything)',
  'sum by (quantile) (@rpc_seconds)',
  'sum(@up)',
  'max_over_time(sum(@queue_length)[30s:6s])',
  'sum by (queue) (resets(@jobs_done_total[40s]))',
  'sum by (queue) (changes(@queue_length[40s]))',
  'sum by (queue) (idelta(@queue_length[40s]))',
  'sum by (queue) (irate(@jobs_done_total[30s]))',
  'sum(irate(@bytes_sent_total[30s]))',
  'sum by (path) (irate(@latency_seconds_count[30s]))',
  'sum by (path) (irate(@latency_seconds_sum[30s]))',
  'sum by (le) (irate(@latency_seconds_bucket[30s]))',
  'sum by (queue) (increase(@jobs_done_total[30s]))',
  'sum(rate(@bytes_sent_total[30s]))',
  'sum by (path) (rate(@latency_seconds_count[40s]))',
  'histogram_quantile(0.9, sum by (le) (rate(@latency_seconds_bucket[40s])))',
  'sum by (queue) (@jobs_done_total)',
  'sum(@bytes_sent_total)',
  'sum by (path) (@latency_seconds_count)',
  'histogram_quantile(0.5, sum by (le) (irate(@latency_seconds_bucket[30s])))',
  'histogram_quantile(0.9, sum by (le, path) (irate(@latency_seconds_bucket[30s])))',
  'sum by (path) (irate(@wait_seconds_sum[30s])) / sum by (path) (irate(@wait_seconds_count[30s]))',
]

interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly values: readonly (readonly [seconds: number, value: string])[]
}

async function ask(url: string, query: string, startMs: number, endMs: number): Promise<Series[]> {
  const times = { start: String(startMs / 1000), end: String(endMs / 1000), step: '5' }
  const response = await fetch(`${url}/api/v1/query_range`, {
    method: 'POST',
    body: new URLSearchParams({ query, ...times }),
  })
  const answer: { status: string; error?: string; data: { result: Series[] } } = JSON.parse(await response.text())
  assert.equal(answer.status, 'success', `${query}: ${answer.error}`)
  return answer.data.result
}

/** The names of Prometheus' metrics in both formats. */
const NAMES: readonly (readonly [format: string, nameOf: (name: string) => string])[] = [
  ['external', (name) => `external_googleapis_com:prometheus_${name.replace(/_total$/, '')}`],
  ['gmp', (name) => name],
]

function withNames(query: string, nameOf: (name: string) => string): string {
  return query.replaceAll(/@(\w+)/g, (_, name: string) => nameOf(name))
}

/** The difference between two answers; undefined if there is none, except in the last digits of sums. */
function difference(want: readonly Series[], got: readonly Series[]): string | undefined {
  const byLabels = (list: readonly Series[]) =>
    new Map(list.map(({ metric, values }) => [JSON.stringify(Object.entries(metric).sort()), values]))
  const [wanted, given] = [byLabels(want), byLabels(got)]
  for (const labels of new Set([...wanted.keys(), ...given.keys()])) {
    const [left, right] = [wanted.get(labels) ?? [], given.get(labels) ?? []]
    const values = new Map(right.map(([seconds, value]) => [seconds, Number(value)]))
    for (const [seconds, text] of left) {
      const [value, other] = [Number(text), values.get(seconds)]
      const isEqual = other !== undefined && Math.abs(value - other) <= 1e-9 * Math.max(1, Math.abs(value))
      if (!isEqual && !(Number.isNaN(value) && Number.isNaN(other)))
        return `${labels} at ${seconds}: ${value}, not ${other}`
    }
    if (left.length !== right.length) return `${labels}: ${left.length} values, not ${right.length}`
  }
  return undefined
}

test('PromQL: the emulator answers queries like Prometheus, in both formats', {
  skip: PROMETHEUS_IS_MISSING,
  timeout: 420_000,
}, async (context) => {
  const { stack } = await startBothFormats(context)
  const { prometheus, emulator } = stack

  // Starts when both formats are written and every counter has restarted since: of its first samples, the sidecar only
  // knows the increase since its own baseline.
  const begun = async (format: string) => {
    const nameOf = NAMES.find(([name]) => name === format)?.[1] ?? String
    const found = await ask(
      emulator.url,
      withNames('sum(@jobs_done_total) + sum(@latency_seconds_count)', nameOf),
      Date.now() - 1000,
      Date.now(),
    )
    return found.length > 0
  }
  for (const [format] of NAMES) await eventually(`${format} is written`, () => begun(format), { withinMs: 120_000 })
  const startMs = Date.now() + 100_000
  const endMs = startMs + 30_000
  const newest = async () =>
    Math.max(0, ...(await emulator.stored()).filter(({ type }) => type.includes('up')).map((point) => point.endMs))
  await eventually('the time has passed', async () => (await newest()) > endMs + 10_000, {
    withinMs: 260_000,
    everyMs: 2000,
  })

  const failures: string[] = []
  let answered = 0
  for (const query of QUERIES) {
    const want = await ask(prometheus.url, withNames(query, String), startMs, endMs)
    answered += want.length > 0 ? 1 : 0
    for (const [format, nameOf] of NAMES) {
      const named = withNames(query, nameOf)
      const problem = difference(want, await ask(emulator.url, named, startMs, endMs))
      if (problem !== undefined) failures.push(`${format}: ${named}\n  ${problem}`)
    }
  }
  assert.equal(answered, QUERIES.length, 'Prometheus has an answer to each')
  assert.deepEqual(failures, [])
})
