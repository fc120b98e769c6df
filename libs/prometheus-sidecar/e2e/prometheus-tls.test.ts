import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { freePort } from '@node-to-cloud/bench'
import { seededRandom } from '../test/testing/seeded-random.ts'
import { type Certificates, makeCertificates, OPENSSL_IS_MISSING } from './certificates.ts'
import { Child, eventually } from './child.ts'
import { Emulator } from './emulator.ts'
import { Exporter } from './exporter.ts'
import { PROMETHEUS_IS_MISSING } from './prometheus.ts'
import { Sidecar } from './sidecar.ts'

/** bcrypt of "secret". */
const PASSWORD_HASH = '$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW'
const UNTRUSTED =
  /its certificate is not trusted \(.*\); set --prometheus\.ca-file to the certificate of the CA that signed it/

describe('Prometheus behind TLS, basic auth and a route prefix', {
  skip: PROMETHEUS_IS_MISSING || OPENSSL_IS_MISSING,
}, () => {
  let folder = ''
  let certificates: Certificates
  let emulator: Emulator
  let exporter: Exporter
  let sidecar: Sidecar
  let prometheus: Child
  let prometheusUrl = ''
  const others: Sidecar[] = []

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidecar-tls-'))
    certificates = makeCertificates(folder, 'right')
    await writeFile(join(folder, 'password'), 'secret\n')
    emulator = await Emulator.start()
    const started = await Exporter.start(seededRandom(1))
    exporter = started.exporter
    const port = await freePort()
    prometheusUrl = `https://127.0.0.1:${port}/behind/proxy`
    sidecar = await Sidecar.start({
      grpcAddress: emulator.grpcAddress,
      prometheusUrl,
      stateFile: join(folder, 'state'),
      flags: [`--prometheus.ca-file=${certificates.caFile}`, ...signIn('password')],
    })
    await configure(port, started.target)
    prometheus = await launch(port)
  })
  after(async () => {
    await Promise.all([...others, sidecar].map((each) => each?.child.stop('SIGKILL')))
    await prometheus?.stop('SIGKILL')
    await emulator?.child.stop('SIGKILL')
    exporter?.server.close()
    exporter?.server.closeAllConnections()
    await rm(folder, { recursive: true, force: true })
  })

  const signIn = (passwordFile: string) => [
    '--prometheus.username=sidecar',
    `--prometheus.password-file=${join(folder, passwordFile)}`,
  ]

  async function configure(port: number, target: string): Promise<void> {
    const config = {
      scrape_configs: [{ job_name: 'exporter', scrape_interval: '2s', static_configs: [{ targets: [target] }] }],
      remote_write: [{ url: `${sidecar.url}/api/v1/write`, queue_config: { batch_send_deadline: '1s' } }],
    }
    const web = {
      tls_server_config: { cert_file: certificates.certificateFile, key_file: certificates.keyFile },
      basic_auth_users: { sidecar: PASSWORD_HASH },
    }
    await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config))
    await writeFile(join(folder, `web-${port}.yml`), JSON.stringify(web))
  }

  async function launch(port: number): Promise<Child> {
    const { child } = await Child.start(
      'prometheus',
      [
        'prometheus',
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
        `--web.config.file=${folder}/web-${port}.yml`,
        '--web.external-url=https://example.test/behind/proxy/',
      ],
      { ready: /Server is ready to receive web requests/ },
    )
    return child
  }

  async function startOther(name: string, flags: readonly string[]): Promise<Sidecar> {
    const stateFile = join(folder, `state-${name}`)
    const other = await Sidecar.start({ grpcAddress: emulator.grpcAddress, prometheusUrl, stateFile, flags })
    others.push(other)
    return other
  }

  const notReady = async (other: Sidecar, reason: RegExp) =>
    eventually('the reason', async () => reason.test(await (await fetch(`${other.url}/readyz`)).text()), {
      detail: () => other.output.slice(-2000),
    })

  it('reports its targets and metadata, so that its samples become points', async () => {
    const types = await eventually(
      'counters, gauges and histograms are stored',
      async () => {
        const kinds = new Set(
          (await emulator.stored()).map(({ metricKind, valueType }) => `${metricKind} ${valueType}`),
        )
        return kinds.has('CUMULATIVE DOUBLE') && kinds.has('CUMULATIVE DISTRIBUTION') && kinds
      },
      { detail: () => `${sidecar.output.slice(-3000)}\n${prometheus.output.slice(-2000)}` },
    )
    assert.ok(types.has('GAUGE DOUBLE'))
    assert.equal((await fetch(`${sidecar.url}/readyz`)).status, 200)
  })

  it('answers queries, so that the gaps of its restart are filled', async () => {
    await emulator.fault({ code: 'UNAVAILABLE', durationSeconds: 600 })
    let scrapes = 0
    exporter.server.on('request', () => {
      scrapes += 1
    })
    await eventually('scrapes pile up', async () => scrapes >= 6)
    await prometheus.stop('SIGKILL')
    await emulator.clearFaults()
    prometheus = await launch(Number(new URL(prometheusUrl).port))
    await eventually(
      'gaps are filled',
      async () => (await sidecar.metric('prometheus_sidecar_hole_filled_samples')) > 0,
      { detail: () => sidecar.output.slice(-3000) },
    )
    assert.equal(await sidecar.metric('prometheus_sidecar_hole_unfilled_series'), 0)
  })

  it('is not trusted with another CA, and one message says so', async () => {
    const wrong = makeCertificates(folder, 'wrong')
    const other = await startOther('wrong', [`--prometheus.ca-file=${wrong.caFile}`, ...signIn('password')])
    await notReady(other, UNTRUSTED)
    assert.equal(await other.child.stop('SIGTERM'), 0)
    const said = other.output.split('\n').filter((line) => UNTRUSTED.test(line))
    assert.equal(said.length, 1, other.output)
  })

  it('is not trusted without --prometheus.ca-file', async () => {
    await notReady(await startOther('none', signIn('password')), UNTRUSTED)
  })

  it('refuses a wrong password, and the message names the flags', async () => {
    await writeFile(join(folder, 'wrong-password'), 'guess\n')
    const flags = [`--prometheus.ca-file=${certificates.caFile}`, ...signIn('wrong-password')]
    await notReady(
      await startOther('password', flags),
      /answered 401; check --prometheus\.username and --prometheus\.password-file, or/,
    )
  })
})
