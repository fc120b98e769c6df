import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { announceClose, closeListener } from './http-server.ts'

/**
 * The major versions of Node for which this folder has been tested; a new one needs a run of these tests, of
 * flask-app's, and of the benchmarks.
 */
const TESTED_MAJORS = [22, 24, 26]

test(`the use of Node's internals is tested with Node ${TESTED_MAJORS.join(', ')}`, () => {
  const major = Number(process.versions.node.split('.')[0])
  assert.ok(TESTED_MAJORS.includes(major), `Node ${major} is new: see ${fileURLToPath(import.meta.url)}`)
})

test('a response whose headers have not been sent can be told to close its connection', async () => {
  const server = createServer((incoming, response) => {
    announceClose(incoming.socket)
    response.end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const [response] = await once(request({ port, headers: { connection: 'keep-alive' } }).end(), 'response')
  assert.equal(response.headers.connection, 'close')
  response.resume()
  await closeListener(server)
})

test('closing the listener leaves an idle connection open', async () => {
  const server = createServer((_incoming, response) => response.end())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const first = request({ port, headers: { connection: 'keep-alive' } }).end()
  const [response] = await once(first, 'response')
  await once(response.resume(), 'end')
  const closed = closeListener(server)
  const { socket } = first
  assert.equal(socket?.destroyed, false)
  socket?.destroy()
  await closed
})

/** Runs a cluster of one worker; prints what its primary has observed. */
const clusterProgram = `
  import cluster from 'node:cluster'
  import { createServer } from 'node:http'
  import { ListeningSockets } from ${JSON.stringify(new URL('./listening-sockets.ts', import.meta.url).href)}
  import { watchHandoffs } from ${JSON.stringify(new URL('./handoffs.ts', import.meta.url).href)}
  if (cluster.isPrimary) {
    const sockets = new ListeningSockets({ enter: () => true, leave() {} })
    sockets.watch()
    const worker = cluster.fork()
    const handoffs = watchHandoffs(worker)
    let handedOver = 0
    worker.process.prependListener('internalMessage', (message) => { if ('ack' in message) handedOver += handoffs.count })
    worker.once('message', async ({ port }) => {
      await Promise.all(Array.from({ length: 5 }, () => fetch('http://127.0.0.1:' + port, { headers: { connection: 'close' } })))
      const unacknowledged = handoffs.count
      await sockets.close()
      const refused = await fetch('http://127.0.0.1:' + port, { headers: { connection: 'close' } }).then(() => false, () => true)
      console.log(JSON.stringify({ isSeen: handedOver > 0, unacknowledged, refused }))
      process.exit(0)
    })
  } else {
    const server = createServer((_request, response) => response.end())
    server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
  }`

test('the sockets of node:cluster are found and closed, and handed over connections are acknowledged', () => {
  const program = join(mkdtempSync(join(tmpdir(), 'node-internals-')), 'program.mjs')
  writeFileSync(program, clusterProgram)
  const { stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8', timeout: 30_000 })
  assert.deepEqual(JSON.parse(stdout || '{}'), { isSeen: true, unacknowledged: 0, refused: true }, stderr)
})
