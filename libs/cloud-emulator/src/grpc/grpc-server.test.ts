import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTestEmulator } from '../../test/testing/running-emulator.ts'

const MAX_CALLS = 1000
const EMPTY_MESSAGE = Buffer.alloc(5)

/** A call whose request never ends. */
function openCall(session: ClientHttp2Session): ClientHttp2Stream {
  const call = session.request({
    ':method': 'POST',
    ':path': '/google.logging.v2.LoggingServiceV2/ListLogs',
    'content-type': 'application/grpc',
    te: 'trailers',
  })
  return call.on('error', () => {})
}

test(`a client can have at most ${MAX_CALLS} calls at a time on a connection; another one has to wait`, async (context) => {
  const { grpcPort } = await startTestEmulator(context)
  const session = connect(`http://127.0.0.1:${grpcPort}`)
  context.after(() => session.destroy())
  session.on('error', () => {})
  const [settings] = await once(session, 'remoteSettings')
  assert.equal(settings.maxConcurrentStreams, MAX_CALLS)
  for (let call = 0; call < MAX_CALLS; call++) openCall(session)
  const further = openCall(session)
  let isAnswered = false
  further.once('response', () => {
    isAnswered = true
  })
  further.end(EMPTY_MESSAGE)
  await sleep(300)
  assert.equal(isAnswered, false)
})
