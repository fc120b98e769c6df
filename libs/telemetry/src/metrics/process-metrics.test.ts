import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from './client.ts'
import { registerProcessMetrics } from './process-metrics.ts'
import { collectFamilies } from './registry-collector.ts'

const namesOf = async (onlyProcess: boolean) => {
  const registry = new Registry()
  registerProcessMetrics(registry, { onlyProcess })
  return (await collectFamilies(registry)).map(({ name, type }) => ({ name, type }))
}

test('no gauge is named like a counter: promtool rejects such names', async () => {
  const families = await namesOf(false)
  assert.deepEqual(
    families.filter(({ name, type }) => type !== 'counter' && name.endsWith('_total')),
    [],
  )
  assert.ok(families.some(({ name }) => name === 'nodejs_heap_size_used_bytes'))
})

test('only the process', async () => {
  const names = (await namesOf(true)).map(({ name }) => name)
  assert.ok(names.includes('process_cpu_seconds'))
  assert.ok(names.every((name) => name.startsWith('process_')))
})

test('CPU time is counted from the start of the process', async () => {
  const registry = new Registry()
  registerProcessMetrics(registry)
  const families = await collectFamilies(registry)
  const { user, system } = process.cpuUsage()
  for (const [name, microseconds] of [
    ['process_cpu_seconds', user + system],
    ['process_cpu_user_seconds', user],
    ['process_cpu_system_seconds', system],
  ] as const) {
    const seconds = families.find((family) => family.name === name)?.samples[0]?.value ?? assert.fail(name)
    assert.ok(Math.abs(seconds - microseconds / 1e6) < 0.05, `${name} is ${seconds}`)
  }
})
