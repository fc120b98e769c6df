import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { seededRandom } from '../test/testing/seeded-random.ts'
import { Emulator } from './emulator.ts'
import { goldenRequests, slowGoldenClock } from './golden-fixture.ts'
import { startPrometheusStandIn } from './prometheus-stand-in.ts'
import { sendUntilAccepted } from './remote-writer.ts'
import { Sidecar } from './sidecar.ts'

test('writes over TLS with Application Default Credentials', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'sidecar-credentials-'))
  const emulator = await Emulator.start([
    `--tls-dir=${folder}`,
    ...['grpc-tls', 'https'].map((part) => `--${part}.listen-address=127.0.0.1:0`),
  ])
  const prometheus = await startPrometheusStandIn()
  context.after(async () => {
    await emulator.child.stop('SIGKILL')
    prometheus.server.close()
    await rm(folder, { recursive: true, force: true })
  })
  const [, tlsAddress = assert.fail(emulator.child.output)] =
    /TLS at (127\.0\.0\.1:\d+)/.exec(emulator.child.output) ?? []
  const credentials: { universe_domain: string } = JSON.parse(await readFile(join(folder, 'credentials.json'), 'utf8'))
  const sidecar = await Sidecar.start({
    grpcAddress: emulator.grpcAddress,
    prometheusUrl: prometheus.url,
    stateFile: join(folder, 'state'),
    flags: [`--stackdriver.api-address=https://${tlsAddress}/`],
    env: {
      GOOGLE_APPLICATION_CREDENTIALS: join(folder, 'credentials.json'),
      GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: join(folder, 'ca.crt'),
      GOOGLE_CLOUD_UNIVERSE_DOMAIN: credentials.universe_domain,
      METADATA_SERVER_DETECTION: 'none',
    },
  })
  context.after(() => sidecar.child.stop('SIGKILL'))
  const [requests = []] = goldenRequests(1, slowGoldenClock(), seededRandom(1))
  for (const request of requests.slice(0, 3)) await sendUntilAccepted(request, sidecar.url)
  const { pointsAccepted, pointsRefused } = await emulator.summary()
  assert.ok(pointsAccepted > 0)
  assert.equal(pointsRefused, 0)
})
