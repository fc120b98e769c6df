import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { StoredPoint } from '../test/testing/stored-points.ts'
import { Child, eventually, NODE } from './child.ts'
import { Emulator } from './emulator.ts'

/** A target whose response is set by the test. */
async function startTarget() {
  const answer = {
    status: 200,
    type: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    body: '# EOF\n',
    accept: '',
  }
  const server = createServer((request, response) => {
    answer.accept = request.headers.accept ?? ''
    response.writeHead(answer.status, { 'Content-Type': answer.type }).end(answer.body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { answer, address: `127.0.0.1:${address.port}`, close: () => server.close() }
}

const counted = (requests: number, type = 'c') => `# TYPE ${type} counter
${type}_total{method="GET",app="own"} ${requests}
# TYPE h histogram
h_bucket{le="0.5"} ${requests} # {trace_id="0af7651916cd43dd8448eb211c80319c",span_id="b7ad6b7169203331"} 0.25
h_bucket{le="+Inf"} ${requests}
h_count ${requests}
h_sum ${requests / 4}
# TYPE g gauge
g ${requests}
# EOF
`

describe('scrape mode, against cloud-emulator', () => {
  let folder = ''
  let emulator: Emulator
  let target: Awaited<ReturnType<typeof startTarget>>
  const children: Child[] = []

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidecar-scrape-'))
    emulator = await Emulator.start()
    target = await startTarget()
  })
  after(async () => {
    await Promise.all(children.map((child) => child.stop('SIGKILL')))
    await emulator?.child.stop()
    target?.close()
    await rm(folder, { recursive: true })
  })

  async function startSidecar(...flags: string[]): Promise<{ child: Child; url: string }> {
    const config = join(folder, 'scrape.yml')
    await writeFile(
      config,
      `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: kubernetes-pods
    static_configs:
      - targets: ['${target.address}']
        labels:
          app: web
          __meta_kubernetes_namespace: default
          __meta_kubernetes_pod_name: web-1
          __meta_kubernetes_pod_container_name: web
`,
    )
    const { child, match } = await Child.start(
      'prometheus-sidecar',
      [
        ...NODE,
        'libs/prometheus-sidecar/src/main.ts',
        `--scrape.config=${config}`,
        '--stackdriver.project-id=demo-project',
        '--stackdriver.kubernetes.location=us-central1',
        '--stackdriver.kubernetes.cluster-name=demo',
        `--stackdriver.api-address=http://${emulator.grpcAddress}/?auth=false`,
        '--web.listen-address=127.0.0.1:0',
        ...flags,
      ],
      { ready: /The sidecar is at (http:\/\/[^/]+)\// },
    )
    children.push(child)
    return { child, url: match[1] ?? '' }
  }

  const named = (points: readonly StoredPoint[], name: string) =>
    points.filter(({ type }) => type === `external.googleapis.com/prometheus/${name}`).sort((a, b) => a.endMs - b.endMs)
  const text = async (url: string) => (await fetch(url)).text()

  it('stores what a target exposes, along with Prometheus’ own four series, and shows its health', async () => {
    await emulator.clearFaults()
    target.answer.body = counted(10)
    const { child, url } = await startSidecar()
    await eventually('a second scrape', async () => named(await emulator.stored(), 'g').length >= 2)
    target.answer.body = counted(17)
    const points = await eventually('the counter', async () => {
      const stored = await emulator.stored()
      return named(stored, 'c').some(({ value }) => value === 7) && named(stored, 'h').length > 0 && stored
    })
    assert.match(target.answer.accept, /^application\/openmetrics-text;version=1.0.0,/)
    const [counter] = named(points, 'c')
    assert.deepEqual(counter?.labels, { method: 'GET', exported_app: 'own' })
    assert.deepEqual(counter?.resource, {
      type: 'k8s_container',
      labels: {
        project_id: 'demo-project',
        location: 'us-central1',
        cluster_name: 'demo',
        namespace_name: 'default',
        pod_name: 'web-1',
        container_name: 'web',
      },
    })
    const kinds = new Map(
      points.map(({ type, metricKind, valueType }) => [type.split('/').at(-1), `${metricKind} ${valueType}`]),
    )
    assert.deepEqual(Object.fromEntries([...kinds].sort()), {
      c: 'CUMULATIVE DOUBLE',
      g: 'GAUGE DOUBLE',
      h: 'CUMULATIVE DISTRIBUTION',
      scrape_duration_seconds: 'GAUGE DOUBLE',
      scrape_samples_post_metric_relabeling: 'GAUGE DOUBLE',
      scrape_samples_scraped: 'GAUGE DOUBLE',
      up: 'GAUGE DOUBLE',
    })
    assert.equal((await emulator.summary()).pointsRefused, 0)
    assert.match(await text(`${url}/metrics`), /^prometheus_sidecar_samples_produced_total [1-9]/m)
    assert.match(await text(`${url}/`), /up, 6 samples/)
    assert.equal((await fetch(`${url}/readyz`)).status, 200)
    assert.equal((await fetch(`${url}/api/v1/write`, { method: 'POST' })).status, 404)
    assert.equal(await child.stop('SIGTERM'), 0)
  })

  it('reports that a target is down, and continues when it is back', async () => {
    const { child, url } = await startSidecar()
    target.answer.status = 500
    await eventually('up is 0', async () => named(await emulator.stored(), 'up').at(-1)?.value === 0)
    assert.match(await text(`${url}/`), /down: .* answered with status 500/)
    target.answer.status = 200
    target.answer.body = 'broken{ 1\n# EOF\n'
    await eventually('the reason', async () =>
      /line 1: the labels of broken are not closed/.test(await text(`${url}/`)),
    )
    target.answer.body = counted(3)
    await eventually('up is 1', async () => named(await emulator.stored(), 'up').at(-1)?.value === 1)
    assert.match(child.output, /A scrape failed/)
    await child.stop('SIGKILL')
  })

  it('keeps a limited number of points during an outage, the newest, and counts the lost ones', async () => {
    target.answer.body = counted(100)
    const { child, url } = await startSidecar('--scrape.buffer-points=8')
    await eventually('first points', async () => /samples_produced_total [1-9]/.test(await text(`${url}/metrics`)))
    await emulator.fault({ code: 'UNAVAILABLE', durationSeconds: 600 })
    await eventually('points are lost', async () =>
      /dropped_samples_total\{reason="buffer_full"\} ([8-9]|\d{2,})/.test(await text(`${url}/metrics`)),
    )
    const queued = /queue_length\{[^}]*\} (\d+)/.exec(await text(`${url}/metrics`))
    assert.ok(Number(queued?.[1]) <= 8, `${queued?.[1]} points are queued`)
    const lastBefore = named(await emulator.stored(), 'g').at(-1)?.endMs ?? 0
    await emulator.clearFaults()
    await eventually('points again', async () => (named(await emulator.stored(), 'g').at(-1)?.endMs ?? 0) > lastBefore)
    assert.match(child.output, /"reason":"buffer_full"/)
    assert.equal(await child.stop('SIGTERM'), 0)
  })

  it('exits within its deadline during an outage, and reports what is lost', async () => {
    const { child, url } = await startSidecar()
    await eventually('first points', async () => /samples_produced_total [1-9]/.test(await text(`${url}/metrics`)))
    await emulator.fault({ code: 'UNAVAILABLE', durationSeconds: 600 })
    await eventually('points wait', async () => /queue_length\{[^}]*\} [1-9]/.test(await text(`${url}/metrics`)))
    assert.equal(await child.stop('SIGTERM', 20_000), 0)
    assert.match(child.output, /points were not written before the shutdown; they are lost/)
    await emulator.clearFaults()
  })

  it('continues from its state file: no counter restarts', async () => {
    const state = `--state-file=${join(folder, 'state')}`
    target.answer.body = counted(1, 'resumed')
    const first = await startSidecar(state)
    await eventually('a point', async () => named(await emulator.stored(), 'resumed').length > 0)
    assert.equal(await first.child.stop('SIGTERM'), 0)
    const { startMs } = named(await emulator.stored(), 'resumed').at(-1) ?? {}
    target.answer.body = counted(6, 'resumed')
    await startSidecar(state)
    const point = await eventually('the increment', async () =>
      named(await emulator.stored(), 'resumed').find(({ value }) => value === 5),
    )
    assert.equal(point.startMs, startMs)
  })
})
