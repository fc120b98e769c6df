import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeClusterProgram } from '../../test/testing/cluster-program.ts'
import { readSeries, ServiceProcess } from '../../test/testing/service-process.ts'

/** Each of the two workers has its number, 1 or 2, as the value of all of its gauges. */
const register = `
  const { default: cluster } = await import('node:cluster')
  for (const aggregator of ['sum', 'max', 'min', 'average', 'first', 'omit'])
    new Gauge({ name: 'test_' + aggregator, help: 'Test', aggregator, registers: [registry] }).set(cluster.worker.id)`

test('the gauges of running workers are merged by the aggregator that each declares, in both formats', async () => {
  await using service = new ServiceProcess({ module: writeClusterProgram({ register }) })
  await service.until(
    'both workers are ready',
    async () => readSeries(await service.scrape(), 'telemetry_workers') === 2,
  )
  const firsts = new Set<number | undefined>()
  for (const format of ['text/plain', 'application/openmetrics-text; version=1.0.0']) {
    const text = await service.scrape(format)
    assert.equal(readSeries(text, 'test_sum'), 3)
    assert.equal(readSeries(text, 'test_max'), 2)
    assert.equal(readSeries(text, 'test_min'), 1)
    assert.equal(readSeries(text, 'test_average'), 1.5)
    assert.equal(readSeries(text, 'test_omit'), undefined)
    assert.match(text, /^# TYPE test_sum gauge$/m)
    firsts.add(readSeries(text, 'test_first'))
  }
  assert.equal(firsts.size, 1)
  assert.ok(firsts.has(1) || firsts.has(2))
})
