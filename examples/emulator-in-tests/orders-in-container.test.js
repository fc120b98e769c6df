import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CloudEmulatorContainer } from './emulator-container.js'
import { writeOrders } from './orders.js'

let emulator

before(async () => {
  emulator = await new CloudEmulatorContainer().withProject('my-project').start()
})
after(() => emulator?.stop())

test('the number of orders is stored', async () => {
  await writeOrders(7, { url: emulator.url, project: 'my-project' })
  const { metrics } = await (await fetch(`${emulator.url}/api/metrics?project=my-project`)).json()
  assert.deepEqual(
    metrics.map(({ type, lastValue }) => ({ type, lastValue })),
    [{ type: 'custom.googleapis.com/orders', lastValue: 7 }],
  )
})

test('what Cloud Monitoring would reject is rejected', async () => {
  await assert.rejects(writeOrders(7, { url: emulator.url, project: 'my-project', type: 'my orders' }), /400/)
})
