import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type OpenMetricsContentType,
  Counter as OtherCounter,
  Histogram as OtherHistogram,
  Registry as OtherRegistry,
} from 'prom-client-15'
import { Counter, createRegistry, Gauge } from './client.ts'
import { renderExposition } from './exposition.ts'
import { FamilyCollector } from './family-collector.ts'

test("the metrics of another prom-client's registry are served with ours, including exemplars; if both have a metric, ours is used", async () => {
  const own = createRegistry()
  new Counter({ name: 'ours_total', help: 'O', registers: [own] }).inc(2)
  new Counter({ name: 'both_total', help: 'B', registers: [own] }).inc(3)
  new Gauge({ name: 'level', help: 'L', registers: [own] }).set(4)
  const other = new OtherRegistry<OpenMetricsContentType>()
  other.setContentType(OtherRegistry.OPENMETRICS_CONTENT_TYPE)
  other.setDefaultLabels({ region: 'eu' })
  new OtherCounter({ name: 'theirs_total', help: 'T', labelNames: ['x'], registers: [other] }).inc({ x: 'a' }, 5)
  new OtherCounter({ name: 'both_total', help: 'B', registers: [other] }).inc(100)
  new OtherHistogram({
    name: 'seconds',
    help: 'S',
    buckets: [1],
    enableExemplars: true,
    registers: [other],
  }).observe({ value: 0.5, exemplarLabels: { trace_id: 'abc' } })
  const collector = new FamilyCollector([own, other])
  const text = renderExposition(await collector.families(), 'openmetrics')
  for (const line of [
    'ours_total 2',
    'both_total 3',
    'level 4',
    'theirs_total{x="a",region="eu"} 5',
    'seconds_bucket{region="eu",le="1.0"} 1 # {trace_id="abc"} 0.5 TIME',
    'seconds_count{region="eu"} 1',
  ])
    assert.ok(text.replace(/(# \{.*\} \S+) [\d.]+$/gm, '$1 TIME').includes(`\n${line}\n`), `${line} in\n${text}`)
  assert.doesNotMatch(text, /both_total\S* 10\d/)
  assert.deepEqual(
    (await collector.totals()).map(({ name }) => name),
    ['ours', 'both', 'theirs', 'seconds'],
  )
})
