import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type RegistryContentType as ContentType15,
  Histogram as Histogram15,
  Registry as Registry15,
} from 'prom-client-15'
import { createRegistry, Gauge, Histogram, Summary } from './client.ts'
import { type CollectableRegistry, RegistryCollector } from './registry-collector.ts'

/** What a registry has recorded exponentially: the label sets and their counts. */
async function countsOf(registry: CollectableRegistry): Promise<Readonly<Record<string, number>>> {
  const families = await RegistryCollector.of(registry).families()
  return Object.fromEntries(
    families.flatMap(({ name, exponential = [] }) =>
      exponential.map(({ labels, point }) => [`${name} ${JSON.stringify(labels)}`, point.count]),
    ),
  )
}

test('every way to observe is recorded, for existing histograms and for later ones', async () => {
  const registry = createRegistry()
  const registers = [registry]
  const early = new Histogram({ name: 'early', help: 'E', registers })
  early.observe(1)
  RegistryCollector.of(registry).recordExponentially()
  early.observe(1)
  const labelled = new Histogram({ name: 'labelled', help: 'L', labelNames: ['a', 'b'], registers })
  labelled.observe({ a: '1', b: 2 }, 0.5)
  labelled.labels('1', '2').observe(0.5)
  labelled.labels({ a: '1', b: '2' }).observe(0.5)
  labelled.startTimer({ a: '1' })({ b: '2' })
  labelled.labels('1', '2').startTimer()()
  labelled.observe({ a: '1' }, 3)
  const withExemplars = new Histogram<'trace_id'>({ name: 'exemplars', help: 'X', enableExemplars: true, registers })
  withExemplars.observe({ value: 1, exemplarLabels: { trace_id: 'x' } })
  withExemplars.startTimer()()
  assert.throws(() => early.observe(Number.NaN))
  assert.throws(() => labelled.observe({ c: '1' } as never, 1))
  new Gauge({ name: 'gauge', help: 'G', registers }).set(1)
  new Summary({ name: 'summary', help: 'S', registers }).observe(1)
  registry.setDefaultLabels({ region: 'eu', b: 'default' })
  assert.deepEqual(await countsOf(registry), {
    'early {"region":"eu","b":"default"}': 1,
    'labelled {"a":"1","b":2,"region":"eu"}': 5,
    'labelled {"a":"1","region":"eu","b":"default"}': 1,
    'exemplars {"region":"eu","b":"default"}': 2,
  })
})

test('removed or reset label sets are forgotten', async () => {
  const registry = createRegistry()
  RegistryCollector.of(registry).recordExponentially()
  const histogram = new Histogram({ name: 'h', help: 'H', labelNames: ['a'], registers: [registry] })
  for (const a of ['1', '2']) histogram.observe({ a }, 1)
  histogram.remove('1')
  assert.deepEqual(await countsOf(registry), { 'h {"a":"2"}': 1 })
  registry.resetMetrics()
  histogram.observe({ a: '3' }, 1)
  assert.deepEqual(await countsOf(registry), { 'h {"a":"3"}': 1 })
})

test('the histograms of an older client are recorded too', async () => {
  const registry: Registry15<ContentType15> = new Registry15()
  RegistryCollector.of(registry).recordExponentially()
  const histogram = new Histogram15({ name: 'h', help: 'H', labelNames: ['a'], registers: [registry] })
  histogram.observe({ a: '1' }, 1)
  histogram.labels('1').observe(2)
  histogram.startTimer({ a: '1' })()
  assert.deepEqual(await countsOf(registry), { 'h {"a":"1"}': 3 })
})
