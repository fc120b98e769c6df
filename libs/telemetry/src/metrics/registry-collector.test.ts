import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { Counter, createRegistry, Gauge, Histogram } from './client.ts'
import { renderExposition } from './exposition.ts'
import { collectFamilies, RegistryCollector } from './registry-collector.ts'

const TIMEOUT_MS = 50

/** A registry with a counter that fails on demand, and one that never does. */
function failingRegistry(fail: () => void | Promise<void>) {
  const registry = createRegistry()
  const state = { isFailing: false }
  new Counter({
    name: 'broken_total',
    help: 'B',
    registers: [registry],
    collect() {
      if (state.isFailing) return fail()
      this.inc()
    },
  })
  new Counter({ name: 'sound_total', help: 'S', registers: [registry] }).inc(7)
  const collector = new RegistryCollector(registry, TIMEOUT_MS)
  const reasons: string[] = []
  collector.onFailure((name, reason) => reasons.push(`${name}: ${reason}`))
  const values = async () =>
    Object.fromEntries((await collector.families()).map(({ name, samples }) => [name, samples[0]?.value]))
  return { state, collector, reasons, values }
}

const never = new Promise<void>(() => {})

for (const { how, fail, reason } of [
  {
    how: 'throws',
    fail: () => {
      throw new Error('out of order')
    },
    reason: 'out of order',
  },
  { how: 'rejects', fail: () => Promise.reject(new Error('out of order')), reason: 'out of order' },
  { how: 'never settles', fail: () => never, reason: 'its collect function has not settled within 50 ms' },
]) {
  test(`a collect function that ${how} affects no other metric; its own keeps its last values, and that is reported once`, async () => {
    const { state, collector, reasons, values } = failingRegistry(fail)
    assert.deepEqual(await values(), { broken: 1, sound: 7 })
    state.isFailing = true
    for (let collection = 0; collection < 3; collection++) assert.deepEqual(await values(), { broken: 1, sound: 7 })
    assert.deepEqual(reasons, [`broken_total: ${reason}`])
    assert.deepEqual([...collector.failures], [['broken_total', 3]])
    assert.deepEqual(
      (await collector.totals()).map(({ name }) => name),
      ['broken', 'sound'],
    )
  })
}

test('a stuck collection is waited for only once', async () => {
  const { state, values } = failingRegistry(() => never)
  state.isFailing = true
  await values()
  const startedAt = performance.now()
  await values()
  assert.ok(performance.now() - startedAt < TIMEOUT_MS)
})

test('a collect function that settles late works again', async () => {
  const { state, values } = failingRegistry(() => setTimeout(TIMEOUT_MS + 20))
  state.isFailing = true
  assert.deepEqual(await values(), { sound: 7 })
  state.isFailing = false
  await setTimeout(60)
  assert.deepEqual(await values(), { broken: 1, sound: 7 })
})

test('default labels are on every sample, and those of a metric override them', async () => {
  const registry = createRegistry()
  registry.setDefaultLabels({ region: 'eu' })
  new Counter({ name: 'c_total', help: 'C', registers: [registry] }).inc(1)
  new Counter({ name: 'd_total', help: 'D', labelNames: ['region'], registers: [registry] }).inc({ region: 'us' }, 1)
  const families = await collectFamilies(registry)
  assert.deepEqual(
    families.flatMap(({ samples }) => samples.map(({ name, labels }) => [name, labels])),
    [
      ['c', { region: 'eu' }],
      ['c_created', { region: 'eu' }],
      ['d', { region: 'us' }],
      ['d_created', { region: 'us' }],
    ],
  )
})

test('label values that are not strings become strings, as the client writes them', async () => {
  const registry = createRegistry()
  const odd: readonly unknown[] = [new Error('not "found"'), ['a', 'b\\'], { toString: () => 'own' }, true, null, 7]
  const counter = new Counter({ name: 'c_total', help: 'C', labelNames: ['cause'], registers: [registry] })
  // In JavaScript any value may be passed.
  for (const cause of odd as readonly string[]) counter.inc({ cause })
  const families = await collectFamilies(registry)
  const text = renderExposition(families, 'text')
  assert.deepEqual(text.split('\n').slice(2, -1), [
    'c_total{cause="Error: not \\"found\\""} 1',
    'c_total{cause="a,b\\\\"} 1',
    'c_total{cause="own"} 1',
    'c_total{cause="true"} 1',
    'c_total{cause="null"} 1',
    'c_total{cause="7"} 1',
  ])
  assert.deepEqual(structuredClone(families), families, 'a worker can report them')
})

test('the +Inf bucket exists once, whether or not it was given', async () => {
  const registry = createRegistry()
  const buckets = [1, Number.POSITIVE_INFINITY]
  new Histogram({ name: 'h', help: 'H', buckets, registers: [registry] }).observe(2)
  const [family] = await collectFamilies(registry)
  assert.deepEqual(
    family?.samples.flatMap(({ labels, value }) => (labels.le === undefined ? [] : [[labels.le, value]])),
    [
      [1, 0],
      ['+Inf', 1],
    ],
  )
})

test('if the samples of two metrics would have the same name, the one without the suffix is reported as not collected', async () => {
  for (const Other of [Counter, Gauge]) {
    const registry = createRegistry()
    new Counter({ name: 'jobs', help: 'J', registers: [registry] }).inc(1)
    new Other({ name: 'jobs_total', help: 'T', registers: [registry] }).inc(2)
    const collector = new RegistryCollector(registry)
    const reasons: string[] = []
    collector.onFailure((name, reason) => reasons.push(`${name}: ${reason}`))
    const families = await collector.families()
    assert.deepEqual(
      families.map(({ samples }) => samples[0]?.value),
      [2],
    )
    assert.deepEqual(reasons, ['jobs: its samples would have the name of the metric jobs_total'])
  }
})
