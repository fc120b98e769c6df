import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '@node-to-cloud/bench'
import { readAlertPolicies, readDashboards } from '../src/dashboards/documents.ts'
import {
  expectedType,
  labelsOf,
  metricTypesOf,
  usesOfAlertPolicy,
  usesOfDashboard,
} from '../src/dashboards/metric-use.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const PROJECT = 'demo-project'
const DEADLINE_MS = 150_000

/** A metric type in the emulator. */
interface StoredMetric {
  readonly type: string
  readonly metricKind: string
  readonly valueType: string
  readonly labelKeys: readonly string[]
}

const EXPECTED = {
  counter: { metricKind: 'CUMULATIVE', valueType: 'DOUBLE' },
  gauge: { metricKind: 'GAUGE', valueType: 'DOUBLE' },
  histogram: { metricKind: 'CUMULATIVE', valueType: 'DISTRIBUTION' },
} as const

async function get<T>(url: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(url, init)
  assert.ok(response.ok, `${url} answered ${response.status}`)
  return JSON.parse(await response.text())
}

/** The programs started by a test. */
class Services {
  readonly #children: ChildProcess[] = []

  /** Starts a program of this repository and returns what each pattern captures from its output. */
  async start(
    file: string,
    args: string[],
    environment: Record<string, string>,
    patterns: RegExp[],
  ): Promise<string[]> {
    const child = spawn(process.execPath, ['--conditions=@node-to-cloud/source', join(root, file), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        HOST: '127.0.0.1',
        METADATA_SERVER_DETECTION: 'none',
        OTEL_TRACES_EXPORTER: 'none',
        ...environment,
      },
    })
    this.#children.push(child)
    let output = ''
    const read = (chunk: Buffer): void => {
      output += chunk.toString('utf8')
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    const deadline = Date.now() + DEADLINE_MS
    for (;;) {
      const found = patterns.map((pattern) => pattern.exec(output)?.[1])
      if (found.every((text) => text !== undefined)) return found
      if (child.exitCode !== null) throw new Error(`${file} exited with ${child.exitCode}:\n${output}`)
      if (Date.now() > deadline) throw new Error(`${file} did not say ${patterns.join(', ')}:\n${output}`)
      await sleep(100)
    }
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const ended = once(child, 'exit')
        child.kill('SIGTERM')
        await ended
      }),
    )
  }
}

function scrapeConfig(targets: readonly (readonly [container: string, address: string])[]): string {
  const configs = targets.map(([container, address]) => ({
    targets: [address],
    labels: {
      kubernetes_namespace: 'default',
      kubernetes_pod_name: `${container}-e2e`,
      kubernetes_container_name: container,
      __meta_kubernetes_namespace: 'default',
      __meta_kubernetes_pod_name: `${container}-e2e`,
      __meta_kubernetes_pod_container_name: container,
    },
  }))
  return JSON.stringify({
    scrape_configs: [
      { job_name: 'kubernetes-pods', scrape_interval: '5s', scrape_timeout: '5s', static_configs: configs },
    ],
  })
}

describe('every metric of the dashboards and alert policies', { timeout: 2 * DEADLINE_MS }, () => {
  const services = new Services()
  let folder = ''
  let emulator = ''

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exposed-metrics-'))
    const [http = '', grpc = ''] = await services.start(
      'libs/cloud-emulator/src/main.ts',
      ['--http.listen-address', '127.0.0.1:0', '--grpc.listen-address', '127.0.0.1:0'],
      {},
      [/Cloud emulator: (http:\/\/127\.0\.0\.1:\d+)/, /gRPC at (127\.0\.0\.1:\d+)/],
    )
    emulator = http
    const metrics = /http:\/\/(127\.0\.0\.1:\d+)\/metrics/
    const [[flask = '', flaskMetrics = ''], [customMetrics = '']] = await Promise.all([
      services.start('apps/flask-app/src/main.ts', [], { PORT: '0', METRICS_PORT: '0', CHAOS_TARGET_PERCENT: '50' }, [
        /service is at (http:\/\/127\.0\.0\.1:\d+)/,
        metrics,
      ]),
      services.start(
        'apps/custom-metrics-example/src/main.ts',
        [],
        { METRICS_PORT: '0', RUNTIME_METRICS_ALIAS: 'python' },
        [metrics],
      ),
    ])
    // A standalone load tester prints the address of its master's metrics only, so the worker's port is chosen here.
    const workerPort = await freePort()
    const [masterMetrics = ''] = await services.start(
      'apps/loadtester/src/main.ts',
      [],
      {
        PORT: '0',
        METRICS_PORT: '0',
        WORKER_METRICS_PORT: String(workerPort),
        LOAD_MODE: 'standalone',
        LOAD_AUTOSTART: 'true',
        TARGET_HOST: flask,
      },
      [metrics],
    )
    const sidecarPort = await freePort()
    await writeFile(
      join(folder, 'scrape.yml'),
      scrapeConfig([
        ['flask-app-tutorial', flaskMetrics],
        ['custom-metrics-example', customMetrics],
        ['loadtester-master', masterMetrics],
        ['loadtester-worker', `127.0.0.1:${workerPort}`],
        ['prometheus-sidecar', `127.0.0.1:${sidecarPort}`],
      ]),
    )
    await services.start(
      'libs/prometheus-sidecar/src/main.ts',
      [
        `--stackdriver.project-id=${PROJECT}`,
        `--stackdriver.api-address=http://${grpc}/?auth=false`,
        '--stackdriver.kubernetes.location=us-central1',
        '--stackdriver.kubernetes.cluster-name=demo',
        `--web.listen-address=127.0.0.1:${sidecarPort}`,
        `--scrape.config=${join(folder, 'scrape.yml')}`,
        `--state-file=${join(folder, 'state')}`,
      ],
      {},
      [/(.)/],
    )
    // Some series are refused, so that the counter of refused points exists.
    const fault = { methods: ['CreateTimeSeries'], code: 'INVALID_ARGUMENT', seriesShare: 0.02, durationSeconds: 30 }
    const answer = await fetch(`${emulator}/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    })
    assert.ok(answer.ok, await answer.text())
  })

  after(async () => {
    await services.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('is exposed by a service, with the expected kind and labels', async () => {
    const uses = [
      ...(await readDashboards()).flatMap(({ id, document }) => usesOfDashboard(document).map((use) => ({ id, use }))),
      ...(await readAlertPolicies()).flatMap(({ id, document }) =>
        usesOfAlertPolicy(document).map((use) => ({ id, use })),
      ),
    ]
    const wanted = new Set(uses.flatMap(({ use }) => metricTypesOf(use.filter)))
    let stored = new Map<string, StoredMetric>()
    const deadline = Date.now() + DEADLINE_MS
    for (;;) {
      const { metrics } = await get<{ metrics: StoredMetric[] }>(`${emulator}/api/metrics`)
      stored = new Map(metrics.map((metric) => [metric.type, metric]))
      const missing = [...wanted].filter((type) => !stored.has(type))
      if (missing.length === 0) break
      assert.ok(Date.now() < deadline, `not exposed by any service: ${missing.join(', ')}`)
      await sleep(1000)
    }

    const { resourceLabels } = await get<{ resourceLabels: Record<string, string[]> }>(`${emulator}/api/labels`)
    for (const { id, use } of uses) {
      const [type = ''] = metricTypesOf(use.filter)
      const metric = stored.get(type)
      const place = `${id}, ${use.place}: ${type}`
      const { metricKind, valueType } = EXPECTED[expectedType(use)]
      assert.deepEqual([metric?.metricKind, metric?.valueType], [metricKind, valueType], place)
      const labels = labelsOf(use)
      for (const label of labels.metric) assert.ok(metric?.labelKeys.includes(label), `${place} has no label ${label}`)
      for (const label of labels.resource) assert.ok(resourceLabels[label], `${place} has no label ${label}`)
      const container = /resource\.label\.container_name="([^"]*)"/.exec(use.filter)?.[1]
      if (container)
        assert.ok(resourceLabels.container_name?.includes(container), `${place}: no container ${container}`)
    }
  })

  it('can be queried from the emulator without an error', async () => {
    const dashboards = await readDashboards()
    for (const { id, document } of dashboards) {
      const queries = document.mosaicLayout.tiles.flatMap(({ widget }) =>
        [
          ...(widget.xyChart?.dataSets ?? []),
          ...(widget.timeSeriesTable?.dataSets ?? []),
          ...(widget.scorecard ? [widget.scorecard] : []),
        ].map(({ timeSeriesQuery }) => ({ timeSeriesQuery, partial: true })),
      )
      const { results } = await get<{ results: { error?: { message: string } }[] }>(`${emulator}/api/query`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ startTime: Date.now() - 600_000, endTime: Date.now(), queries }),
      })
      const errors = results.flatMap(({ error }) => (error ? [error.message] : []))
      assert.deepEqual(errors, [], id)
    }
  })
})
