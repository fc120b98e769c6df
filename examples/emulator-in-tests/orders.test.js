import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startEmulator } from '@node-to-cloud/cloud-emulator'
import { writeOrders } from './orders.js'

const anyPort = { host: '127.0.0.1', port: 0 }
let emulator
let url

before(async () => {
  emulator = await startEmulator({ httpAddress: anyPort, grpcAddress: anyPort, project: 'my-project' })
  url = `http://127.0.0.1:${emulator.httpPort}`
})
after(() => emulator.close())

test('the number of orders is stored as a gauge', async () => {
  await writeOrders(7, { url, project: 'my-project' })
  const query = new URLSearchParams({
    filter: 'metric.type = "custom.googleapis.com/orders"',
    'interval.startTime': new Date(Date.now() - 60_000).toISOString(),
    'interval.endTime': new Date(Date.now() + 60_000).toISOString(),
  })
  const { timeSeries } = await (await fetch(`${url}/v3/projects/my-project/timeSeries?${query}`)).json()
  assert.equal(timeSeries[0].metricKind, 'GAUGE')
  assert.equal(timeSeries[0].points[0].value.int64Value, '7')
})

test('what Cloud Monitoring would reject is rejected', async () => {
  await assert.rejects(writeOrders(7, { url, project: 'my-project', type: 'my orders' }), /400/)
})
