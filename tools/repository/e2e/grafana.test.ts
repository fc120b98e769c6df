import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { freePort } from '@node-to-cloud/bench'
import { parse } from 'yaml'
import { repositoryRoot } from '../src/repository-root.ts'
import { answerOf } from './answer-of.ts'
import {
  cloudPromqlRequest,
  healthCheck,
  prometheusRequests,
  type TimeSeriesListTarget,
  timeSeriesRequest,
} from './grafana-requests.ts'
import { PROJECT, writeRequests } from './write-requests.ts'

const example = (path: string) => join(repositoryRoot, 'examples/grafana', path)
const { panels }: { panels: readonly { title: string; targets: readonly TimeSeriesListTarget[] }[] } = JSON.parse(
  readFileSync(example('dashboards/service.json'), 'utf8'),
)

describe('Grafana on the emulator', () => {
  const folder = mkdtempSync(join(tmpdir(), 'grafana-'))
  let httpUrl = ''
  let universe = ''
  let emulator: ReturnType<typeof spawn> | undefined

  before(async () => {
    const [http, https, grpc, grpcTls, otlpGrpc, otlpHttp] = await Promise.all(Array.from({ length: 6 }, freePort))
    httpUrl = `http://127.0.0.1:${http}`
    universe = `emulator.internal:${https}`
    const args = [
      `--http.listen-address=127.0.0.1:${http}`,
      // As in a container: all addresses, so that the host names of the data source are taken.
      `--https.listen-address=0.0.0.0:${https}`,
      `--grpc.listen-address=127.0.0.1:${grpc}`,
      `--grpc-tls.listen-address=127.0.0.1:${grpcTls}`,
      `--otlp-grpc.listen-address=127.0.0.1:${otlpGrpc}`,
      `--otlp-http.listen-address=127.0.0.1:${otlpHttp}`,
      `--tls-dir=${folder}`,
      '--http.allowed-host=monitoring.emulator.internal',
    ]
    const binary = join(repositoryRoot, 'libs/cloud-emulator/bin/cloud-emulator.js')
    emulator = spawn(process.execPath, [binary, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
    await answerOf(`${httpUrl}/readyz`, (_text, status) => status === 200)
    await writeRequests(httpUrl)
  })
  after(async () => {
    if (emulator?.exitCode === null) {
      emulator.kill('SIGTERM')
      await once(emulator, 'exit')
    }
    rmSync(folder, { recursive: true })
  })

  /** As Grafana's backend does: TLS to `monitoring.` and the universe, whose certificate it does not check. */
  async function get(path: string): Promise<{ readonly status?: number | undefined; readonly body: unknown }> {
    const [, port = ''] = universe.split(':')
    const sent = request({
      host: '127.0.0.1',
      port,
      path,
      headers: {
        host: `monitoring.${universe}`,
        authorization: 'Bearer cloud-emulator',
        'user-agent': 'Grafana/12.2.1',
      },
      rejectUnauthorized: false,
    }).end()
    const [response] = await once(sent, 'response')
    let text = ''
    for await (const chunk of response) text += chunk
    return { status: response.statusCode, body: JSON.parse(text) }
  }

  test('the signed request for a token is answered', async () => {
    const body = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: 'e30.e30.e30',
    })
    const response = await fetch(`${httpUrl}/token`, { method: 'POST', body })
    const { token_type, access_token }: { token_type?: string; access_token?: string } = JSON.parse(
      await response.text(),
    )
    assert.deepEqual({ status: response.status, token_type }, { status: 200, token_type: 'Bearer' })
    assert.ok(access_token)
  })

  test('the health check of the data source and its list of metrics', async () => {
    const { status, body } = await get(healthCheck(PROJECT))
    assert.equal(status, 200)
    assert.match(JSON.stringify(body), /prometheus\/flask_http_request"/)
  })

  for (const { title, targets } of panels) {
    test(`the panel "${title}" has data`, async () => {
      for (const target of targets) {
        const now = Date.now()
        const { status, body } = await get(timeSeriesRequest(target, new Date(now - 900_000), new Date(now + 1_000)))
        assert.equal(status, 200, JSON.stringify(body))
        assert.match(JSON.stringify(body), /"points":\[\{"interval"/)
      }
    })
  }

  // Google's name in PromQL of external.googleapis.com/prometheus/flask_http_request.
  const METRIC = 'external_googleapis_com:prometheus_flask_http_request'
  const range = () => [new Date(Date.now() - 900_000), new Date()] as const
  for (const { path, form } of prometheusRequests(METRIC, ...range())) {
    test(`the data source Prometheus: ${form ? 'POST' : 'GET'} ${path.split('?')[0]} ${form?.query ?? ''}`, async () => {
      const url = `${httpUrl}/v1/projects/${PROJECT}/location/global/prometheus${path}`
      const response = await fetch(url, form && { method: 'POST', body: new URLSearchParams(form) })
      const text = await response.text()
      assert.equal(response.status, 200, text)
      const { status, data } = JSON.parse(text)
      assert.equal(status, 'success')
      assert.notDeepEqual(data.result ?? data, [])
    })
  }

  test('the PromQL query of the data source Google Cloud Monitoring', async () => {
    const { path, body } = cloudPromqlRequest(PROJECT, `sum(rate(${METRIC}[5m]))`, ...range())
    const response = await fetch(`${httpUrl}${path}`, {
      method: 'POST',
      // Grafana's headers are those of its other requests.
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const text = await response.text()
    assert.equal(response.status, 200, text)
    assert.notDeepEqual(JSON.parse(text).data.result, [])
  })

  test('the provisioned data source is the one that the panels name', () => {
    const { datasources } = parse(readFileSync(example('provisioning/datasources/emulator.yaml'), 'utf8'))
    const [{ uid, type, jsonData }] = datasources
    assert.deepEqual(
      { uid, type, authenticationType: jsonData.authenticationType },
      {
        uid: 'cloud-monitoring',
        type: 'stackdriver',
        authenticationType: 'jwt',
      },
    )
    assert.match(readFileSync(example('dashboards/service.json'), 'utf8'), new RegExp(`"uid": "${uid}"`))
  })
})
