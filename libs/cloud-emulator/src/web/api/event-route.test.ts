import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { requestJson, startTestEmulator, writeAt } from '../../../test/testing/running-emulator.ts'
import { counter, seriesJson, TEST_TYPE } from '../../../test/testing/time-series.ts'

test('GET /api/events: reports what was written', async (context) => {
  const emulator = await startTestEmulator(context)
  const response = await fetch(`${emulator.url}/api/events`)
  assert.equal(response.headers.get('content-type'), 'text/event-stream')
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  assert.ok(reader)
  await writeAt(emulator, 0, counter('200', 5))
  await requestJson(`${emulator.url}/v3/projects/demo-project/timeSeries`, {
    body: { timeSeries: [seriesJson({ type: 'x' })] },
  })
  let text = ''
  while (!text.includes('event: change')) {
    const { value, done } = await reader.read()
    assert.ok(!done)
    text += value
  }
  await reader.cancel()
  const data = JSON.parse(/data: (.*)/.exec(text)?.[1] ?? '')
  assert.deepEqual(data, {
    seq: 1,
    metricTypes: [TEST_TYPE],
    spans: 0,
    logs: 0,
    refusals: 1,
    dashboards: 0,
    alerting: 0,
  })
})

test("GET /api/events: nothing is buffered for clients that don't read", async (context) => {
  const emulator = await startTestEmulator(context)
  const sockets: Socket[] = []
  emulator.http.app.server.on('connection', (socket: Socket) => sockets.push(socket))
  const client = connect(emulator.httpPort, '127.0.0.1')
  context.after(() => client.destroy())
  client.pause()
  client.write(`GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:${emulator.httpPort}\r\n\r\n`)
  const types = new Set(
    Array.from({ length: 20_000 }, (_, index) => `custom.googleapis.com/${index}${'x'.repeat(400)}`),
  )
  const eventBytes = JSON.stringify([...types]).length
  for (let second = 0; second < 5; second++) {
    emulator.state.changes.points('demo-project', types)
    await new Promise((resolve) => setTimeout(resolve, 1100))
  }
  const [socket] = sockets
  assert.ok(socket && socket.writableLength > 0, 'the client does not read')
  assert.ok(socket.writableLength < 1.5 * eventBytes, `${socket.writableLength} of ${eventBytes} bytes an event`)
})
