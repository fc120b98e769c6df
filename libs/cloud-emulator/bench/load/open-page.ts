/** Does what an open page does: follows the events, and queries twelve charts of the last hour every five seconds. */
const [httpPort = '0'] = process.argv.slice(2)
const url = `http://127.0.0.1:${httpPort}`
const CHARTS = 12

function chart(index: number): object {
  const distribution = index % 4 === 0
  const type = distribution ? 'duration_seconds_0' : `requests_total_${1 + (index % 4)}`
  const aggregation = {
    alignmentPeriod: '60s',
    perSeriesAligner: distribution ? 'ALIGN_DELTA' : 'ALIGN_RATE',
    crossSeriesReducer: distribution ? 'REDUCE_PERCENTILE_95' : 'REDUCE_SUM',
    groupByFields: ['resource.labels.container_name'],
  }
  return {
    partial: true,
    timeSeriesQuery: {
      timeSeriesFilter: { filter: `metric.type="external.googleapis.com/prometheus/bench_${type}"`, aggregation },
    },
  }
}

async function draw(): Promise<void> {
  const { metrics }: { metrics: { lastPointMs: number | null }[] } = JSON.parse(
    await (await fetch(`${url}/api/metrics`)).text(),
  )
  const endTime = Math.max(...metrics.map(({ lastPointMs }) => lastPointMs ?? 0))
  const body = JSON.stringify({
    startTime: endTime - 3_600_000,
    endTime,
    queries: Array.from({ length: CHARTS }, (_, index) => chart(index)),
  })
  const answer = await fetch(`${url}/api/query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  await answer.arrayBuffer()
}

setInterval(() => void draw().catch(() => {}), 5000)
const events = await fetch(`${url}/api/events`)
for await (const _ of events.body ?? []) {
  // The content of the events doesn't matter here.
}
