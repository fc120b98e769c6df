import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '@node-to-cloud/bench'
import { ServiceProcess } from '@node-to-cloud/telemetry/testing'

interface Query {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>
      readonly value: readonly [number, string]
    }[]
  }
}

test('a real Prometheus scrapes the merged OpenMetrics exposition of several processes, including exemplars', async (context) => {
  if (spawnSync('prometheus', ['--version']).error !== undefined) return context.skip('prometheus is not installed')
  await using service = new ServiceProcess({
    module: fileURLToPath(new URL('../../../apps/flask-app/src/main.ts', import.meta.url)),
    env: {
      WORKERS: '2',
      RUNTIME_METRICS_ALIAS: 'python',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    },
  })
  await service.untilReady()
  const url = await service.serviceUrl()
  for (let index = 0; index < 20; index++) await fetch(url)

  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'))
  const target = new URL(await service.metricsUrl()).host
  writeFileSync(
    join(folder, 'prometheus.yml'),
    `scrape_configs: [{ job_name: x, scrape_interval: 1s, static_configs: [{ targets: ['${target}'] }] }]\n`,
  )
  const address = `127.0.0.1:${await freePort()}`
  const prometheus = spawn(
    'prometheus',
    [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=${address}`,
      '--enable-feature=exemplar-storage',
    ],
    { stdio: 'ignore' },
  )
  try {
    const query = async (expression: string) => {
      const response = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(expression)}`).catch(
        () => undefined,
      )
      return response?.ok ? ((await response.json()) as Query).data.result : []
    }
    const results = await service.until('Prometheus has the count', async () => {
      const found = await query('flask_http_request_total')
      await sleep(200)
      return found[0]?.value[1] === '20' && found
    })
    assert.deepEqual(
      results.map(({ metric }) => metric.status),
      ['200'],
    )
    assert.equal((await query('up'))[0]?.value[1], '1')
    const metadata = (await (await fetch(`http://${address}/api/v1/metadata?metric=flask_http_request`)).json()) as {
      data: Record<string, { type: string }[]>
    }
    assert.equal(
      metadata.data.flask_http_request?.[0]?.type,
      'counter',
      'metadata under the base name: it was scraped as OpenMetrics',
    )
    assert.equal((await query('sum(flask_http_request_duration_seconds_bucket{le="+Inf"})'))[0]?.value[1], '20')
    const range = `start=${Date.now() / 1000 - 600}&end=${Date.now() / 1000 + 60}`
    const exemplars = await service.until('Prometheus has an exemplar', async () => {
      const response = await fetch(
        `http://${address}/api/v1/query_exemplars?query=flask_http_request_duration_seconds_bucket&${range}`,
      )
      const { data } = (await response.json()) as { data: { exemplars: { labels: { trace_id: string } }[] }[] }
      await sleep(200)
      return data[0]?.exemplars
    })
    assert.match(exemplars[0]?.labels.trace_id ?? '', /^[0-9a-f]{32}$/)
  } finally {
    prometheus.kill('SIGKILL')
    await once(prometheus, 'close')
  }
})
