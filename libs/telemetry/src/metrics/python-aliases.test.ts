import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Registry } from './client.ts'
import type { MetricFamily } from './family.ts'
import { registerPythonAliases } from './python-aliases.ts'
import { collectFamilies } from './registry-collector.ts'

const valuesOf = (families: readonly MetricFamily[], name: string) =>
  Object.fromEntries(
    families
      .find((family) => family.name === name)
      ?.samples.filter((sample) => sample.name === name)
      .map(({ labels, value }) => [labels.generation, value]) ?? [],
  )

test('the four types exist from the start, with every generation', async () => {
  const registry = new Registry()
  const stop = registerPythonAliases(registry)
  const families = await collectFamilies(registry)
  stop()
  assert.deepEqual(
    families.map(({ name, type }) => `${name} ${type}`),
    [
      'python_info gauge',
      'python_gc_collections counter',
      'python_gc_objects_collected counter',
      'python_gc_objects_uncollectable counter',
    ],
  )
  assert.deepEqual(Object.keys(valuesOf(families, 'python_gc_objects_collected')), ['0', '1', '2'])
  const [major, minor, patchlevel] = process.versions.node.split('.')
  assert.deepEqual(families[0]?.samples, [
    {
      name: 'python_info',
      value: 1,
      labels: { implementation: 'Node.js', major, minor, patchlevel, version: process.versions.node },
    },
  ])
})

test('collections and the bytes they free are counted by generation; nothing is uncollectable', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as (options: { type: 'minor' | 'major' }) => void
  const registry = new Registry()
  const stop = registerPythonAliases(registry)
  const before = await collectFamilies(registry)
  let garbage: object[] | undefined = Array.from({ length: 200_000 }, (_, index) => ({ index }))
  assert.equal(garbage.length, 200_000)
  garbage = undefined
  collectGarbage({ type: 'minor' })
  collectGarbage({ type: 'major' })
  const after = await collectFamilies(registry)
  stop()
  const grown = (name: string, generation: string) =>
    Number(valuesOf(after, name)[generation]) - Number(valuesOf(before, name)[generation])
  assert.ok(grown('python_gc_collections', '0') >= 1, 'a scavenge')
  assert.ok(grown('python_gc_collections', '2') >= 1, 'a mark-sweep')
  assert.ok(grown('python_gc_objects_collected', '0') + grown('python_gc_objects_collected', '2') > 1_000_000, 'bytes')
  assert.deepEqual(valuesOf(after, 'python_gc_objects_uncollectable'), { 0: 0, 1: 0, 2: 0 })
})
