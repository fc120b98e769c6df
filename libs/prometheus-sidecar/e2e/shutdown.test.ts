import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { seededRandom } from '../test/testing/seeded-random.ts'
import { eventually } from './child.ts'
import { Emulator } from './emulator.ts'
import { goldenRequests, slowGoldenClock } from './golden-fixture.ts'
import { startPrometheusStandIn } from './prometheus-stand-in.ts'
import { sendOnce, sendUntilAccepted } from './remote-writer.ts'
import { Sidecar } from './sidecar.ts'

describe('SIGTERM, with Prometheus', () => {
  let folder = ''
  let prometheus: { url: string; server: Server }
  const cleanUps: (() => Promise<unknown>)[] = []
  const [requests = []] = goldenRequests(1, slowGoldenClock(), seededRandom(1))
  const request = (index: number) => requests[index] ?? assert.fail('there is no such request')

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidecar-shutdown-'))
    prometheus = await startPrometheusStandIn()
  })
  after(async () => {
    for (const cleanUp of cleanUps) await cleanUp()
    prometheus?.server.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function start(name: string, graceSeconds: number): Promise<{ emulator: Emulator; sidecar: Sidecar }> {
    const emulator = await Emulator.start()
    cleanUps.push(() => emulator.child.stop('SIGKILL'))
    const sidecar = await Sidecar.start({
      grpcAddress: emulator.grpcAddress,
      prometheusUrl: prometheus.url,
      stateFile: join(folder, name),
      flags: [`--shutdown.grace=${graceSeconds}s`],
    })
    cleanUps.push(() => sidecar.child.stop('SIGKILL'))
    return { emulator, sidecar }
  }

  it('keeps accepting writes during the grace period, saves the state and exits with 0', async () => {
    const { emulator, sidecar } = await start('grace', 5)
    await sendUntilAccepted(request(0), sidecar.url)
    const exit = sidecar.child.stop('SIGTERM')
    await eventually('it says so', async () =>
      /shutting down/.test(await (await fetch(`${sidecar.url}/readyz`)).text()),
    )
    assert.equal((await sendOnce(request(1), sidecar.url)).status, 204)
    assert.equal(await exit, 0, sidecar.output)
    const { pointsAccepted } = await emulator.summary()
    await sidecar.restart()
    await sendUntilAccepted(request(0), sidecar.url)
    await sendUntilAccepted(request(1), sidecar.url)
    assert.equal((await emulator.summary()).pointsAccepted, pointsAccepted, 'the state contains what was accepted')
    assert.equal((await emulator.summary()).pointsRefused, 0)
  })

  it('abandons points in flight during an outage within its deadline, loses nothing and stores nothing twice', async () => {
    const { emulator, sidecar } = await start('outage', 1)
    await sendUntilAccepted(request(0), sidecar.url)
    const before = (await emulator.summary()).pointsAccepted
    await emulator.fault({ code: 'UNAVAILABLE', durationSeconds: 600 })
    const answer = sendOnce(request(1), sidecar.url).then(
      ({ status }) => status,
      () => 0,
    )
    await eventually('points wait', async () => (await sidecar.metric('prometheus_remote_storage_queue_length')) > 0)
    assert.equal(await sidecar.child.stop('SIGTERM', 20_000), 0, sidecar.output)
    assert.notEqual(await answer, 204)
    assert.match(sidecar.output, /points were not written before the shutdown; Prometheus will send them again/)
    await emulator.clearFaults()
    await sidecar.restart()
    await sendUntilAccepted(request(1), sidecar.url)
    const { pointsAccepted, pointsRefused } = await emulator.summary()
    assert.ok(pointsAccepted > before, 'it was stored when it was resent')
    assert.equal(pointsRefused, 0)
  })
})
