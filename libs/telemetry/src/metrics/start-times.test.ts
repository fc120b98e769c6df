import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { Counter, createRegistry, Gauge, Histogram, Summary } from './client.ts'
import { collectFamilies } from './registry-collector.ts'

const processStart = Math.round(performance.timeOrigin) / 1000

/** A registry whose clock advances between any two collections. */
function countingRegistry() {
  const registry = createRegistry()
  const registers = [registry]
  const counter = new Counter({ name: 'c_total', help: 'C', labelNames: ['x'], registers })
  const histogram = new Histogram({ name: 'h', help: 'H', labelNames: ['x'], buckets: [1], registers })
  const collect = async () => {
    const families = await collectFamilies(registry)
    await setTimeout(5)
    return families
  }
  /** The starts of all label sets, such as `{ 'c_created a': 1.5 }`. */
  const starts = async () =>
    Object.fromEntries(
      (await collect()).flatMap(({ samples }) =>
        samples
          .filter(({ name }) => name.endsWith('_created'))
          .map(({ name, labels, value }) => [`${name} ${labels.x ?? ''}`.trim(), value]),
      ),
    )
  return { registry, registers, counter, histogram, collect, starts }
}

test('totals from before the first collection start with the process', async () => {
  const { counter, histogram, registers, starts } = countingRegistry()
  counter.inc({ x: 'a' }, 395)
  histogram.observe({ x: 'a' }, 1)
  new Summary({ name: 's', help: 'S', registers }).observe(1)
  new Gauge({ name: 'g', help: 'G', registers }).set(1)
  const first = await starts()
  assert.deepEqual(first, { 'c_created a': processStart, 'h_created a': processStart, s_created: processStart })
  counter.inc({ x: 'a' })
  assert.deepEqual(await starts(), first)
})

test('a label set that appears later starts at the previous collection, which did not have it', async () => {
  const { counter, starts } = countingRegistry()
  counter.inc({ x: 'a' })
  await starts()
  const collectedFrom = Date.now() / 1000
  await starts()
  counter.inc({ x: 'b' })
  const { 'c_created a': a, 'c_created b': b = 0 } = await starts()
  assert.equal(a, processStart)
  assert.ok(b >= collectedFrom && b < Date.now() / 1000, String(b))
})

test('so does a metric that is registered later', async () => {
  const { registers, starts } = countingRegistry()
  const collectedFrom = Date.now() / 1000
  await starts()
  new Counter({ name: 'late_total', help: 'L', registers }).inc(2)
  const { late_created: late = 0 } = await starts()
  assert.ok(late >= collectedFrom && late < Date.now() / 1000, String(late))
})

for (const { how, reset } of [
  {
    how: 'reset to less',
    reset: ({ counter, histogram }: ReturnType<typeof countingRegistry>) => {
      counter.reset()
      counter.inc({ x: 'a' })
      histogram.reset()
      histogram.observe({ x: 'a' }, 1)
    },
  },
  {
    how: 'removed and counted again',
    reset: async ({ counter, histogram, starts }: ReturnType<typeof countingRegistry>) => {
      counter.remove({ x: 'a' })
      histogram.remove({ x: 'a' })
      assert.deepEqual(await starts(), {})
      counter.inc({ x: 'a' }, 9)
      for (let count = 0; count < 9; count++) histogram.observe({ x: 'a' }, 1)
    },
  },
]) {
  test(`totals that are ${how} have a new start, after the last collection that had the old ones`, async () => {
    const all = countingRegistry()
    all.counter.inc({ x: 'a' }, 5)
    for (let count = 0; count < 5; count++) all.histogram.observe({ x: 'a' }, 1)
    await all.starts()
    const lastHad = Date.now() / 1000
    await all.starts()
    await reset(all)
    const { 'c_created a': counter = 0, 'h_created a': histogram = 0 } = await all.starts()
    assert.ok(counter >= lastHad && counter < Date.now() / 1000, String(counter))
    assert.ok(histogram >= lastHad && histogram < Date.now() / 1000, String(histogram))
  })
}

test('a collect function that resets and sets its metric does not restart it', async () => {
  const { registers, starts } = countingRegistry()
  let total = 0
  new Counter({
    name: 'derived_total',
    help: 'D',
    registers,
    collect() {
      this.reset()
      this.inc(++total)
    },
  })
  for (let collection = 0; collection < 3; collection++) assert.equal((await starts()).derived_created, processStart)
})

test('no start is reported if a metric already has the name of the sample', async () => {
  const { counter, registers, collect } = countingRegistry()
  counter.inc({ x: 'a' })
  new Gauge({ name: 'c_created', help: 'How many were created', registers }).set(7)
  const samples = (await collect()).flatMap(({ samples }) => samples)
  assert.deepEqual(
    samples.map(({ name, value }) => [name, value]),
    [
      ['c', 1],
      ['c_created', 7],
    ],
  )
})
