import type { Answers } from '@node-to-cloud/cloud-emulator'
import type { Installation } from './installation.ts'
import { withPortForward } from './port-forward.ts'

/** What a counter's points add up to, from the values that were written: a value below the one before is a restart. */
export function increments(values: readonly number[]): number {
  let sum = 0
  let last = 0
  for (const value of values) {
    sum += value >= last ? value - last : value
    last = value
  }
  return sum
}

/** How many of flask-app's requests the emulator has points of, over all pods since it started, and until when. */
export async function storedRequests(installation: Installation): Promise<{ requests: number; untilMs: number }> {
  return withPortForward(installation.kubectl, 'service/cloud-emulator', 8085, async (url) => {
    const filter = 'metric.type="external.googleapis.com/prometheus/flask_http_request" resource.type="k8s_container"'
    const body = {
      startTime: Date.now() - 6 * 3_600_000,
      queries: [{ timeSeriesQuery: { timeSeriesFilter: { filter } }, maxSeries: 1000 }],
    }
    const response = await fetch(`${url}/api/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    })
    const { results }: Answers['/api/query'] = JSON.parse(await response.text())
    const [result] = results
    if (result?.series === undefined) throw new Error(`emulator /api/query: ${result?.error?.message}`)
    const series = result.series.map(({ values = [], timesMs }) => ({ values: values.map(Number), timesMs }))
    return {
      requests: series.reduce((sum, { values }) => sum + increments(values), 0),
      untilMs: Math.max(0, ...series.map(({ timesMs }) => timesMs.at(-1) ?? 0)),
    }
  })
}
