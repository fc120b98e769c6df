import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createSecureServer, createServer, type ServerHttp2Session } from 'node:http2'
import { type AddressInfo, connect as connectTcp } from 'node:net'
import { test } from 'node:test'
import { makeSelfSigned } from '../../test/testing/self-signed.ts'
import { Connections } from './connections.ts'

test('an HTTP/2 session over TLS that has been destroyed but has not emitted close yet is skipped', async () => {
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

test('a client that neither reads nor closes its side of an HTTP/2 connection does not keep it open', async () => {
  const server = createServer()
  const connections = new Connections(server, 10)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const connected = once(server, 'session')
  const client = connectTcp((server.address() as AddressInfo).port, '127.0.0.1')
  await connected
  const closed = once(server, 'close')
  server.close()
  const timer = setInterval(() => connections.closeIdle(), 5)
  await closed
  clearInterval(timer)
  client.destroy()
})

test('a client that opens an HTTP/2 session once the shutdown has been announced is answered, and told to open no more streams', async () => {
  const server = createServer((_request, response) => response.end('hello'))
  const connections = new Connections(server, 60_000)
  connections.announceClose()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const answered = once(client.request({ ':path': '/' }).resume(), 'end')
  await once(client, 'goaway')
  await answered
  client.destroy()
  server.close()
})
