import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createSecureServer, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { makeSelfSigned } from '../../test/testing/self-signed.ts'
import { Connections } from './connections.ts'

test('an HTTP/2 session over TLS that has been destroyed, and has not emitted close yet, is passed over', async () => {
  const { keyFile, certificateFile } = makeSelfSigned('localhost') ?? assert.fail('openssl is missing')
  const server = createSecureServer({ key: readFileSync(keyFile), cert: readFileSync(certificateFile) })
  const connections = new Connections(server, 60_000)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const connected = once(server, 'session')
  const client = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false })
  const [session] = (await connected) as [ServerHttp2Session]
  let isClosed = false
  session.once('close', () => {
    isClosed = true
  })
  session.close()
  while (!isClosed) {
    connections.closeIdle()
    await new Promise(setImmediate)
  }
  client.destroy()
  server.close()
})
