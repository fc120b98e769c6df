import assert from 'node:assert/strict'
import { test } from 'node:test'
import { API, emulatorWithSamples } from '../../../test/testing/prometheus-api.ts'
import { promqlRequests } from '../../../test/testing/promql-requests.ts'
import { testSeed } from '../../../test/testing/random.ts'
import { sendRequest } from '../../../test/testing/send-request.ts'

const COUNT = Number(process.env.COUNT ?? 500)
/** Statuses with the kinds of errors that go with them. */
const KINDS = new Map([
  [400, 'bad_data'],
  [422, 'execution'],
  [503, 'timeout'],
])

test("every request gets a response, with one of Prometheus' errors if it is invalid", {
  timeout: 300_000,
}, async (context) => {
  const seed = testSeed()
  context.diagnostic(`TEST_SEED=${seed}`)
  const emulator = await emulatorWithSamples(context)
  for (const one of promqlRequests(seed, COUNT)) {
    const { status, text } = await sendRequest(`${emulator.url}${API}`, one)
    const shown = `${JSON.stringify(one)} returned ${status} ${text.slice(0, 300)}`
    if (status === 204) continue
    const json = JSON.parse(text)
    if (status === 200) {
      assert.equal(json.status, 'success', shown)
      assert.ok('data' in json, shown)
      continue
    }
    assert.equal(json.status, 'error', shown)
    assert.equal(json.errorType, KINDS.get(status), shown)
    assert.ok(typeof json.error === 'string' && json.error !== '', shown)
  }
  assert.equal((await fetch(`${emulator.url}/healthz`)).status, 200)
})
