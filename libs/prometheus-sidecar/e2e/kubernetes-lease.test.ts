import assert from 'node:assert/strict'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { KubernetesLease, type KubernetesLeaseOptions } from '../src/election/kubernetes-lease.ts'
import type { LeaseRecord } from '../src/election/lease-record.ts'
import { makeCertificates, OPENSSL_IS_MISSING } from './certificates.ts'
import { eventually } from './child.ts'
import { Emulator } from './emulator.ts'
import { KubernetesApi } from './kubernetes-api.ts'
import { Sidecar } from './sidecar.ts'

const RECORD: LeaseRecord = {
  holder: 'a',
  durationMs: 15_000,
  acquiredMs: 1_795_348_800_123,
  renewedMs: 1_795_348_801_123,
  transitions: 2,
  writesFromMs: 1_795_348_790_001,
  writesUntilMs: 1_795_348_806_123,
}

describe('a Lease of Kubernetes', { skip: OPENSSL_IS_MISSING }, () => {
  let folder: string
  let api: KubernetesApi

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubernetes-lease-'))
    const certificates = makeCertificates(folder, 'kubernetes')
    await copyFile(certificates.caFile, join(folder, 'ca.crt'))
    await writeFile(join(folder, 'token'), 'secret\n')
    await writeFile(join(folder, 'namespace'), 'monitoring')
    api = await KubernetesApi.start(certificates, 'secret')
  })
  after(async () => {
    api.close()
    await rm(folder, { recursive: true })
  })

  const lease = (changes: Partial<KubernetesLeaseOptions> = {}) =>
    new KubernetesLease({
      apiUrl: `https://127.0.0.1:${api.port}`,
      serviceAccountFolder: folder,
      namespace: 'monitoring',
      leaseName: 'one',
      ...changes,
    })

  it('is created by the first, and replaced by whoever knows its version', async () => {
    const [a, b] = [lease(), lease()]
    assert.equal(await a.read(), undefined)
    assert.equal(await a.write(RECORD, undefined), true)
    assert.equal(await b.write({ ...RECORD, holder: 'b' }, undefined), false)
    const found = await b.read()
    assert.deepEqual(found?.record, RECORD)
    assert.equal(await a.write({ ...RECORD, transitions: 3 }, found?.version), true)
    assert.equal(await b.write({ ...RECORD, holder: 'b' }, found?.version), false)
    assert.equal(await b.write({ ...RECORD, holder: 'b' }, (await b.read())?.version), true)
    assert.equal((await a.read())?.record.holder, 'b')
    api.leases.clear()
    assert.equal(await a.write(RECORD, found?.version), false)
  })

  it('created by something else counts as one whose holder writes until it expires', async () => {
    api.leases.set('monitoring/one', {
      metadata: { name: 'one', resourceVersion: '7' },
      spec: { holderIdentity: 'x', leaseDurationSeconds: 10, renewTime: '2026-11-22T12:00:00.000000Z' },
    })
    const { writesFromMs, writesUntilMs } = (await lease().read())?.record ?? {}
    assert.deepEqual([writesFromMs, writesUntilMs], [RECORD.acquiredMs + 9_877, RECORD.acquiredMs + 9_877])
  })

  it('reports what is wrong', async () => {
    const other = await mkdtemp(join(folder, 'other-'))
    await assert.rejects(lease({ serviceAccountFolder: other }).read(), { message: /ENOENT.*token/ })
    await copyFile(join(folder, 'ca.crt'), join(other, 'ca.crt'))
    await writeFile(join(other, 'token'), 'wrong')
    await assert.rejects(lease({ serviceAccountFolder: other }).read(), {
      message: /refused to get it: Unauthorized.*Role/,
    })
    await assert.rejects(lease({ apiUrl: 'https://127.0.0.1:1' }).read(), { message: /ECONNREFUSED/ })
  })

  it('elects one of the sidecars in pods', { timeout: 120_000 }, async (context) => {
    api.leases.clear()
    const emulator = await Emulator.start()
    context.after(() => emulator.child.stop('SIGKILL'))
    const start = (identity: string) =>
      Sidecar.start({
        grpcAddress: emulator.grpcAddress,
        prometheusUrl: 'http://127.0.0.1:1',
        stateFile: join(folder, `state-${identity}`),
        flags: [
          '--ha.lease=kubernetes',
          '--ha.lease-duration=3s',
          `--ha.identity=${identity}`,
          `--ha.service-account=${folder}`,
        ],
        env: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: `${api.port}` },
      })
    const leaderMetric = (sidecar: Sidecar) => sidecar.metric('prometheus_sidecar_leader')
    const first = await start('first')
    context.after(() => first.child.stop('SIGKILL'))
    await eventually('the first one is the leader', async () => (await leaderMetric(first)) === 1)
    const second = await start('second')
    context.after(() => second.child.stop('SIGKILL'))
    assert.equal(await leaderMetric(second), 0)
    assert.match(await (await fetch(`${second.url}/api/status`)).text(), /kubernetes:monitoring\/prometheus-sidecar/)
    await first.child.stop('SIGKILL')
    await eventually('the other one is the leader', async () => (await leaderMetric(second)) === 1)
    assert.equal(api.leases.get('monitoring/prometheus-sidecar')?.spec.holderIdentity, 'second')
    assert.equal(await second.child.stop('SIGTERM'), 0)
    assert.equal(api.leases.get('monitoring/prometheus-sidecar')?.spec.holderIdentity, '')
  })
})
