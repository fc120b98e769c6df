import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectFamilies, Registry, renderExposition } from '@node-to-cloud/telemetry'
import { startCounting } from './counter.ts'

test('increments every five seconds, with the labels of the original', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] })
  const registry = new Registry()
  const stop = startCounting({ registry, environment: 'staging' })
  const read = async () =>
    renderExposition(await collectFamilies(registry), 'text')
      .split('\n')
      .at(2)
  const line = (value: number) =>
    `custom_metric_example_total{app="custom-metrics-example",environment="staging"} ${value}`

  assert.equal(await read(), line(0))
  context.mock.timers.tick(4_999)
  assert.equal(await read(), line(0))
  context.mock.timers.tick(1)
  assert.equal(await read(), line(1))
  context.mock.timers.tick(10_000)
  assert.equal(await read(), line(3))
  stop()
  context.mock.timers.tick(10_000)
  assert.equal(await read(), line(3))
})
