import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findPeer } from '@node-to-cloud/peers'
import { promqlRequests } from '../test/testing/promql-requests.ts'
import { testSeed } from '../test/testing/random.ts'
import { startTestEmulator } from '../test/testing/running-emulator.ts'
import { sendRequest } from '../test/testing/send-request.ts'
import { startPrometheus } from './prometheus-without-targets.ts'

const PROGRAM = findPeer('prometheus')
const COUNT = Number(process.env.COUNT ?? 2000)
const MAX_SAMPLES = 500_000
/** Prometheus accepts POST only where a query or selectors may be long. */
const METHOD_NOT_ALLOWED = 405

test("random requests to Prometheus' API have the same status and error as in Prometheus", {
  timeout: 900_000,
  skip: PROGRAM === undefined && 'needs Prometheus 3.16: node tools/peers/src/main.ts prometheus',
}, async (context) => {
  assert.ok(PROGRAM)
  const seed = testSeed()
  context.diagnostic(`TEST_SEED=${seed}`)
  const emulator = await startTestEmulator(context, { maxQuerySamples: MAX_SAMPLES, nowMs: Date.now })
  const prometheus = await startPrometheus(context, PROGRAM, MAX_SAMPLES)
  const different: object[] = []
  let compared = 0
  for (const one of promqlRequests(seed, COUNT)) {
    const theirs = await sendRequest(`${prometheus}/api/v1`, one)
    if (theirs.status === METHOD_NOT_ALLOWED) continue
    const ours = await sendRequest(`${emulator.url}/api/v1`, one)
    const [mine, wanted] = [answerOf(ours), answerOf(theirs)]
    compared += 1
    if (JSON.stringify(mine) !== JSON.stringify(wanted)) different.push({ one, wanted, mine })
  }
  context.diagnostic(`${compared} compared`)
  assert.deepEqual(different, [])
})

/** The parts of the response that do not depend on the time of the request. */
function answerOf({ status, text }: { status: number; text: string }): object {
  const { errorType, error } = text === '' ? {} : JSON.parse(text)
  return { status, errorType, error }
}
