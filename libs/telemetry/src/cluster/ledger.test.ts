import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomFrom } from '../../test/testing/random.ts'
import { Counter, createRegistry, Gauge, Histogram, type Registry } from '../metrics/client.ts'
import { renderExposition } from '../metrics/exposition.ts'
import type { MetricFamily } from '../metrics/family.ts'
import { collectFamilies, RegistryCollector } from '../metrics/registry-collector.ts'
import { MetricsLedger } from './ledger.ts'
import { ReportEncoder } from './report.ts'

/** A worker as the ledger sees it: its metrics, and how it reports them. */
class ReportingWorker {
  readonly registry: Registry = createRegistry()
  readonly #totals = new ReportEncoder()
  readonly #gauges = new ReportEncoder()
  readonly counter = new Counter({ name: 'c_total', help: 'C', labelNames: ['x'], registers: [this.registry] })
  readonly histogram = new Histogram({
    name: 'h',
    help: 'H',
    labelNames: ['x'],
    buckets: [1, 2],
    registers: [this.registry],
  })
  readonly gauge = new Gauge({ name: 'g', help: 'G', registers: [this.registry] })

  async report(ledger: MetricsLedger, id: number): Promise<void> {
    const families = await collectFamilies(this.registry)
    const only = (isGauge: boolean) => families.filter(({ type }) => (type === 'gauge') === isGauge)
    ledger.record(id, { totals: this.#totals.encode(only(false)), gauges: this.#gauges.encode(only(true)) })
  }
}

const readValue = (families: readonly MetricFamily[], name: string, x?: string) =>
  families
    .flatMap(({ samples }) => samples)
    .find((sample) => sample.name === name && (x === undefined || sample.labels.x === x))?.value

test("a dead worker's totals are kept, its gauges are dropped", async () => {
  const ledger = new MetricsLedger()
  const [first, second] = [new ReportingWorker(), new ReportingWorker()]
  first.counter.inc({ x: 'a' }, 3)
  first.histogram.observe({ x: 'a' }, 1.5)
  first.gauge.set(10)
  second.counter.inc({ x: 'a' }, 4)
  second.gauge.set(20)
  await first.report(ledger, 1)
  await second.report(ledger, 2)
  assert.equal(readValue(ledger.merge([]), 'c', 'a'), 7)
  assert.equal(readValue(ledger.merge([]), 'g'), 30)
  ledger.retire(1)
  const merged = ledger.merge([])
  assert.equal(readValue(merged, 'c', 'a'), 7)
  assert.equal(readValue(merged, 'h_count', 'a'), 1)
  assert.equal(readValue(merged, 'h_sum', 'a'), 1.5)
  assert.equal(readValue(merged, 'g'), 20)
})

test('default labels that are set later leave no second series behind', async () => {
  const ledger = new MetricsLedger()
  const worker = new ReportingWorker()
  RegistryCollector.of(worker.registry)
  for (const x of ['a', 'b']) worker.counter.inc({ x }, 3)
  worker.histogram.observe({ x: 'a' }, 1.5)
  await worker.report(ledger, 1)
  assert.equal(readValue(ledger.merge([]), 'c', 'a'), 3)
  worker.registry.setDefaultLabels({ region: 'eu' })
  worker.counter.inc({ x: 'a' })
  worker.counter.inc({ x: 'c' })
  await worker.report(ledger, 1)
  const samples = ledger.merge([]).flatMap(({ samples }) => samples)
  assert.ok(samples.every(({ labels }) => labels.region === 'eu'))
  const counted = samples.filter(({ name }) => name === 'c' || name === 'h_count')
  assert.deepEqual(
    counted.map(({ labels, value }) => `${labels.x} ${value}`),
    ['a 4', 'b 3', 'c 1', 'a 1'],
  )
})

test('exponential histograms are summed over workers, and kept when workers exit or reset them', async () => {
  const ledger = new MetricsLedger()
  const workers = [1, 2].map(() => {
    const worker = new ReportingWorker()
    RegistryCollector.of(worker.registry).recordExponentially()
    return worker
  })
  const pointOf = () => {
    const [{ point } = assert.fail('nothing is recorded')] =
      ledger.merge([]).find(({ exponential }) => exponential !== undefined)?.exponential ?? []
    return point
  }
  for (const [index, worker] of workers.entries())
    for (const value of [1.5, 1000, -3]) worker.histogram.observe({ x: 'a' }, value * (index + 1))
  for (const [index, worker] of workers.entries()) await worker.report(ledger, index + 1)
  const { count, sum, min, max, positive, negative } = pointOf()
  assert.deepEqual({ count, sum, min, max }, { count: 6, sum: 2995.5, min: -6, max: 2000 })
  assert.deepEqual(
    [positive, negative].map(({ counts }) => counts.reduce((all, each) => all + each, 0)),
    [4, 2],
  )
  ledger.retire(1)
  assert.deepEqual(pointOf(), { count, sum, min, max, positive, negative, scale: pointOf().scale, zeroCount: 0 })
  workers[1]?.histogram.reset()
  workers[1]?.histogram.observe({ x: 'a' }, 1)
  await workers[1]?.report(ledger, 2)
  assert.equal(pointOf().count, 7)
  await workers[1]?.report(ledger, 2)
  assert.equal(pointOf().count, 7)
})

test('workers of a new version may have other buckets: no bucket falls, in whatever order workers exit', async () => {
  const ledger = new MetricsLedger()
  const [old, current] = [new ReportingWorker(), new ReportingWorker()]
  current.registry.removeSingleMetric('h')
  const other = new Histogram({
    name: 'h',
    help: 'H',
    labelNames: ['x'],
    buckets: [1, 5],
    registers: [current.registry],
  })
  for (const value of [0.5, 1.5, 4]) {
    old.histogram.observe({ x: 'a' }, value)
    other.observe({ x: 'a' }, value)
  }
  const buckets = () =>
    ledger
      .merge([])
      .flatMap(({ samples }) => samples.filter(({ name }) => name === 'h_bucket'))
      .map(({ labels, value }) => `${labels.le}: ${value}`)
  await old.report(ledger, 1)
  assert.deepEqual(buckets(), ['1: 1', '2: 2', '+Inf: 3'])
  await current.report(ledger, 2)
  const both = ['1: 2', '2: 3', '5: 5', '+Inf: 6']
  assert.deepEqual(buckets(), both)
  for (const id of [1, 2]) {
    ledger.retire(id)
    assert.deepEqual(buckets(), both)
  }
})

test('a worker that resets or removes its metrics takes nothing back', async () => {
  const ledger = new MetricsLedger()
  const worker = new ReportingWorker()
  worker.counter.inc({ x: 'a' }, 3)
  worker.counter.inc({ x: 'b' }, 5)
  await worker.report(ledger, 1)
  worker.counter.reset()
  worker.counter.inc({ x: 'a' }, 1)
  await worker.report(ledger, 1)
  const merged = ledger.merge([])
  assert.equal(readValue(merged, 'c', 'a'), 4)
  assert.equal(readValue(merged, 'c', 'b'), 5)
})

test('the primary and all workers, living and dead, are rendered as one exposition in both formats', async () => {
  const ledger = new MetricsLedger()
  const own = createRegistry()
  new Counter({ name: 'c_total', help: 'C', labelNames: ['x'], registers: [own] }).inc({ x: 'a' }, 100)
  for (const id of [1, 2]) {
    const worker = new ReportingWorker()
    worker.counter.inc({ x: 'a' }, id)
    worker.histogram.observe({ x: String(id) }, id)
    worker.gauge.set(id)
    await worker.report(ledger, id)
  }
  ledger.retire(1)
  const merged = ledger.merge(await collectFamilies(own))
  const samples = (created: (x: string) => string) => `h_bucket{x="1",le="1.0"} 1
h_bucket{x="1",le="2.0"} 1
h_bucket{x="1",le="+Inf"} 1
h_sum{x="1"} 1
h_count{x="1"} 1
${created('1')}h_bucket{x="2",le="1.0"} 0
h_bucket{x="2",le="2.0"} 1
h_bucket{x="2",le="+Inf"} 1
h_sum{x="2"} 2
h_count{x="2"} 1
${created('2')}`
  assert.equal(
    renderExposition(merged, 'text'),
    `# HELP c_total C\n# TYPE c_total counter\nc_total{x="a"} 103\n# HELP h H\n# TYPE h histogram\n${samples(() => '')}# HELP g G\n# TYPE g gauge\ng 2\n`,
  )
  assert.equal(
    renderExposition(merged, 'openmetrics').replace(/(_created\S*) [\d.]+$/gm, '$1 START'),
    `# HELP c C\n# TYPE c counter\nc_total{x="a"} 103\nc_created{x="a"} START\n# HELP h H\n# TYPE h histogram\n${samples((x) => `h_created{x="${x}"} START\n`)}# HELP g G\n# TYPE g gauge\ng 2\n# EOF\n`,
  )
})

test('no total ever falls, whatever happens to the workers', async () => {
  const seed = Date.now() >>> 0
  const random = randomFrom(seed)
  const ledger = new MetricsLedger()
  const workers = new Map<number, ReportingWorker>()
  const seen = new Map<string, number>()
  let nextId = 1
  for (let step = 0; step < 2_000; step++) {
    if (workers.size < 3) workers.set(nextId++, new ReportingWorker())
    const [id, worker] = [...workers][Math.floor(random() * workers.size)] ?? assert.fail()
    const x = String(Math.floor(random() * 4))
    const event = random()
    if (event < 0.5) worker.histogram.observe({ x }, random() * 3)
    else if (event < 0.8) worker.counter.inc({ x }, random())
    else if (event < 0.93) await worker.report(ledger, id)
    else if (event < 0.95) worker.registry.resetMetrics()
    else {
      ledger.retire(id)
      workers.delete(id)
    }
    for (const family of ledger.merge([])) {
      if (family.type === 'gauge') continue
      for (const sample of family.samples) {
        const key = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`
        assert.ok(
          sample.value >= (seen.get(key) ?? 0),
          `${key} fell from ${seen.get(key)} to ${sample.value} in step ${step} with seed ${seed}`,
        )
        seen.set(key, sample.value)
      }
    }
  }
})

test('a scrape of 8 workers with 500 series each is merged and rendered completely', async () => {
  const ledger = new MetricsLedger()
  for (let id = 1; id <= 8; id++) {
    const worker = new ReportingWorker()
    for (let x = 0; x < 500; x++) worker.counter.inc({ x: String(x) }, id)
    await worker.report(ledger, id)
  }
  const counter = ledger.merge([]).find(({ name }) => name === 'c')
  const totals = counter?.samples.filter(({ name }) => name === 'c')
  assert.equal(totals?.length, 500)
  assert.ok(totals?.every(({ value }) => value === 36))
})

test('a sum that falls because of negative observations is not a reset', async () => {
  const ledger = new MetricsLedger()
  const worker = new ReportingWorker()
  const sums: (number | undefined)[] = []
  for (const value of [10, -5, 10, -5]) {
    worker.histogram.observe({ x: 'a' }, value)
    await worker.report(ledger, 1)
    sums.push(readValue(ledger.merge([]), 'h_sum', 'a'))
  }
  assert.deepEqual(sums, [10, 5, 15, 10])
  ledger.retire(1)
  assert.equal(readValue(ledger.merge([]), 'h_sum', 'a'), 10)
})

test('a histogram that is reset keeps its earlier sum with its count', async () => {
  const ledger = new MetricsLedger()
  const worker = new ReportingWorker()
  for (const value of [4, -1]) worker.histogram.observe({ x: 'a' }, value)
  await worker.report(ledger, 1)
  worker.histogram.reset()
  worker.histogram.observe({ x: 'a' }, 5)
  await worker.report(ledger, 1)
  const merged = ledger.merge([])
  assert.equal(readValue(merged, 'h_count', 'a'), 3)
  assert.equal(readValue(merged, 'h_sum', 'a'), 8)
})

test('a counter and a gauge whose families have the same name are both merged', () => {
  const ledger = new MetricsLedger()
  const families = (value: number): MetricFamily[] => [
    { name: 'jobs', help: 'Jobs', type: 'counter', aggregator: 'sum', samples: [{ name: 'jobs', labels: {}, value }] },
    {
      name: 'jobs',
      help: 'Jobs',
      type: 'gauge',
      aggregator: 'sum',
      samples: [{ name: 'jobs', labels: {}, value: -value }],
    },
  ]
  for (const id of [1, 2]) {
    const [counter, gauge] = families(id)
    ledger.record(id, {
      totals: new ReportEncoder().encode(counter === undefined ? [] : [counter]),
      gauges: new ReportEncoder().encode(gauge === undefined ? [] : [gauge]),
    })
  }
  ledger.retire(2)
  assert.equal(renderExposition(ledger.merge([]), 'text').replace(/^#.*\n/gm, ''), 'jobs_total 3\njobs -1\n')
})

test('the totals of a registry with default labels have the same series between scrapes and in one', async () => {
  const ledger = new MetricsLedger()
  const registry = createRegistry()
  registry.setDefaultLabels({ region: 'eu' })
  const histogram = new Histogram({ name: 'h', help: 'H', buckets: [1], registers: [registry] })
  const encoder = new ReportEncoder()
  const collector = RegistryCollector.of(registry)
  for (let scrape = 0; scrape < 4; scrape++) {
    histogram.observe(0.5)
    ledger.record(1, { totals: encoder.encode(await collector.totals()) })
    const families = await collector.families()
    ledger.record(1, { totals: encoder.encode(families.filter(({ type }) => type !== 'gauge')) })
  }
  const [family] = ledger.merge([])
  assert.deepEqual(
    family?.samples.filter(({ name }) => name === 'h_count'),
    [{ name: 'h_count', labels: { region: 'eu' }, value: 4 }],
  )
})

test('merged totals keep the earliest start, whatever happens to its worker', async () => {
  const ledger = new MetricsLedger()
  const counter = (total: number, created: number): MetricFamily => ({
    name: 'c',
    help: 'C',
    type: 'counter',
    aggregator: 'sum',
    samples: [
      { name: 'c', labels: { x: 'a' }, value: total },
      { name: 'c_created', labels: { x: 'a' }, value: created },
    ],
  })
  const encoders = new Map<number, ReportEncoder>()
  const totalAndStartAfter = (id: number, total: number, created: number) => {
    const encoder = encoders.get(id) ?? new ReportEncoder()
    encoders.set(id, encoder)
    ledger.record(id, { totals: encoder.encode([counter(total, created)]) })
    const merged = ledger.merge([])
    return [readValue(merged, 'c', 'a'), readValue(merged, 'c_created', 'a')]
  }
  assert.deepEqual(totalAndStartAfter(1, 3, 100), [3, 100])
  assert.deepEqual(totalAndStartAfter(2, 4, 120), [7, 100])
  ledger.retire(1)
  assert.deepEqual(totalAndStartAfter(2, 5, 120), [8, 100])
  // It was reset.
  assert.deepEqual(totalAndStartAfter(2, 1, 150), [9, 100])
  ledger.retire(2)
  assert.deepEqual(totalAndStartAfter(3, 1, 160), [10, 100])
  // A start that has been reported is kept, or its reader would see a reset.
  assert.deepEqual(totalAndStartAfter(4, 1, 90), [11, 100])
})
