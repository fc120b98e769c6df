import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { seededRandom } from '../test/testing/seeded-random.ts'
import { compress } from '../test/testing/write-request-encoder.ts'
import { eventually } from './child.ts'
import { Emulator } from './emulator.ts'
import { goldenRequests, slowGoldenClock } from './golden-fixture.ts'
import { startPrometheusStandIn } from './prometheus-stand-in.ts'
import { sendOnce, sendUntilAccepted } from './remote-writer.ts'
import { Sidecar } from './sidecar.ts'

const outside = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === 'IPv4' && !address.internal)?.address

describe('remote_write to the binary', () => {
  let folder = ''
  let emulator: Emulator
  let prometheus: { url: string; server: Server }
  let sidecar: Sidecar
  const [requests = []] = goldenRequests(1, slowGoldenClock(), seededRandom(1))
  const request = (index: number) => requests[index] ?? assert.fail('there is no such request')

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidecar-remote-write-'))
    prometheus = await startPrometheusStandIn()
    emulator = await Emulator.start()
    sidecar = await Sidecar.start({
      grpcAddress: emulator.grpcAddress,
      prometheusUrl: prometheus.url,
      stateFile: join(folder, 'state'),
      flags: ['--remote-write.max-body-bytes=100000'],
    })
  })
  after(async () => {
    await sidecar?.child.stop('SIGKILL')
    await emulator?.child.stop('SIGKILL')
    prometheus?.server.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('permanently rejects bodies it can’t read, each with one log line', async () => {
    const other = { 'content-type': 'application/x-protobuf;proto=example.Request' }
    const cases: [name: string, body: Buffer, headers: Record<string, string>, status: number, message: RegExp][] = [
      ['not snappy', Buffer.from('text'), {}, 400, /snappy/],
      ['not protobuf', compress(Buffer.from('text')), {}, 400, /message|wire type|number/],
      ['too large', Buffer.alloc(100_001), {}, 413, /larger than 100000 bytes/],
      ['too large when decompressed', compress(Buffer.alloc(100_001)), {}, 413, /decompresses to 100001 bytes/],
      [
        'another message',
        request(0),
        other,
        415,
        /must be prometheus\.WriteRequest or io\.prometheus\.write\.v2\.Request/,
      ],
    ]
    for (const [name, body, headers, status, message] of cases) {
      const linesBefore = refusals()
      const answer = await sendOnce(body, sidecar.url, headers)
      assert.deepEqual([name, answer.status], [name, status])
      assert.match(answer.text, message)
      await eventually('the line', async () => refusals() > linesBefore, { withinMs: 5_000 })
      assert.equal(refusals() - linesBefore, 1, name)
      assert.match(sidecar.output, message)
    }
  })

  const refusals = () =>
    sidecar.output.split('\n').filter((line) => line.includes('A remote_write request was answered with 4')).length

  it('accepts writes from this machine only, but probes from elsewhere', {
    skip: outside === undefined && 'this machine has only a loopback address',
  }, async () => {
    const everywhere = [`--web.listen-address=0.0.0.0:${sidecar.port}`]
    const url = `http://${outside}:${sidecar.port}`
    await sidecar.child.stop()
    await sidecar.restart({ flags: everywhere })
    assert.equal((await fetch(`${url}/healthz`)).status, 200)
    assert.equal((await sendOnce(request(0), url)).status, 403)
    await sendUntilAccepted(request(0), sidecar.url)
    await sidecar.child.stop()
    await sidecar.restart({ flags: [...everywhere, '--remote-write.allow-remote'] })
    await sendUntilAccepted(request(1), url)
  })

  it('answers 503 before Prometheus gives up at 30 s; resent samples join those in flight', async () => {
    const { pointsAccepted } = await emulator.summary()
    const id = await emulator.fault({ latencyMs: 60_000, durationSeconds: 24 })
    const startMs = performance.now()
    const first = sendOnce(request(4), sidecar.url)
    await eventually('it is in flight', async () => (await emulator.faultHits(id)) > 0)
    const taken = () => sidecar.metric('prometheus_sidecar_batches_processed')
    const [queued, takenOnce] = [await sidecar.metric('prometheus_remote_storage_queue_length'), await taken()]
    const again = sendUntilAccepted(request(4), sidecar.url)
    await eventually('it was resent', async () => (await taken()) > takenOnce)
    assert.equal(await sidecar.metric('prometheus_remote_storage_queue_length'), queued, 'no point twice')
    assert.equal((await first).status, 503)
    const answeredMs = performance.now() - startMs
    assert.ok(answeredMs > 20_000 && answeredMs < 30_000, `answered after ${answeredMs} ms`)
    await emulator.clearFaults()
    await again
    const after = await emulator.summary()
    assert.ok(after.pointsAccepted > pointsAccepted)
    assert.equal(after.pointsRefused, 0)
  })

  it('does not share its state: a second sidecar with the same file exits, and the first continues', async () => {
    await sendUntilAccepted(request(2), sidecar.url)
    const second = Sidecar.start(sidecar.options)
    await assert.rejects(
      second,
      /another process uses the state file .*state: stop it, or set a different --state-file/,
    )
    await sendUntilAccepted(request(3), sidecar.url)
    assert.equal((await fetch(`${sidecar.url}/readyz`)).status, 200)
    await sidecar.child.stop('SIGKILL')
    await sidecar.restart()
    const { pointsAccepted } = await emulator.summary()
    for (const index of [2, 3]) await sendUntilAccepted(request(index), sidecar.url)
    assert.equal(
      (await emulator.summary()).pointsAccepted,
      pointsAccepted,
      'the state contains what was accepted since',
    )
    assert.equal((await emulator.summary()).pointsRefused, 0)
  })
})
