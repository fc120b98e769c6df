import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { freePorts } from '@node-to-cloud/bench'
import { findPeer } from '@node-to-cloud/peers'
import { repositoryRoot } from '../src/repository-root.ts'
import { answerOf } from './answer-of.ts'
import { PROJECT, writeRequests } from './write-requests.ts'

const METRIC = 'external_googleapis_com:prometheus_flask_http_request'
const hasDebianPromtool = spawnSync('promtool', ['--version'], { stdio: 'ignore' }).status === 0

/** The releases of promtool that are there. */
const PROMTOOLS: readonly (readonly [release: string, program: string | undefined])[] = [
  ['promtool 3.16', findPeer('promtool')],
  ["Debian's promtool", hasDebianPromtool ? 'promtool' : undefined],
]

describe("clients of Prometheus' API on the emulator", () => {
  let emulator: ChildProcess | undefined
  let root = ''
  before(async () => {
    const [http, ...others] = await freePorts(4)
    root = `http://127.0.0.1:${http}`
    const names = ['http', 'grpc', 'otlp-grpc', 'otlp-http']
    const args = [http, ...others].map((port, i) => `--${names[i]}.listen-address=127.0.0.1:${port}`)
    const binary = join(repositoryRoot, 'libs/cloud-emulator/bin/cloud-emulator.js')
    emulator = spawn(process.execPath, [binary, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
    await answerOf(`${root}/readyz`, (_text, status) => status === 200)
    await writeRequests(root)
  })
  after(async () => {
    if (emulator?.exitCode !== null) return
    emulator.kill('SIGTERM')
    await once(emulator, 'exit')
  })

  /** Where Cloud Monitoring has the API, and where Prometheus has it. */
  const urls = () => [`${root}/v1/projects/${PROJECT}/location/global/prometheus`, root]

  for (const [release, program] of PROMTOOLS) {
    describe(release, { skip: program === undefined && `${release} is not there` }, () => {
      const seconds = (offset: number) => String(Math.floor(Date.now() / 1000) + offset)
      const query = async (kind: string, args: readonly string[], afterUrl: readonly string[]): Promise<string[]> => {
        const outputs = []
        for (const url of urls()) {
          const child = spawn(program ?? '', ['query', kind, ...args, url, ...afterUrl], {
            stdio: ['ignore', 'pipe', 'pipe'],
          })
          const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
          assert.equal(errors, '')
          outputs.push(output)
        }
        assert.equal(outputs.length, 2)
        return outputs
      }

      test('query instant', async () => {
        for (const output of await query('instant', [], [`sum by (status) (${METRIC})`])) {
          assert.match(output, /^\{status="200"\} => 30 @\[/)
        }
      })
      test('query range', async () => {
        const range = [`--start=${seconds(-320)}`, `--end=${seconds(0)}`, '--step=60s']
        for (const output of await query('range', range, [`count(${METRIC})`]))
          assert.match(output, /^\{\} =>\n(?:1 @\[[\d.]+\]\n)+/)
      })
      test('query series', async () => {
        for (const output of await query('series', [`--match=${METRIC}`], []))
          assert.match(output, /monitored_resource="generic_node"/)
      })
      test('query labels', async () => {
        for (const output of await query('labels', [], ['status'])) assert.equal(output, '200\n')
      })
    })
  }

  test('the data source as Google’s syncer sets it up: a GET below a URL that ends with a slash, with a token', async () => {
    const url = `${root}/v1/projects/${PROJECT}/location/global/prometheus/`
    const headers = { authorization: 'Bearer ya29.token', 'user-agent': 'Grafana/12.2.1' }
    const parameters = new URLSearchParams({ query: `sum(${METRIC})`, time: String(Date.now() / 1000), timeout: '2m' })
    for (const path of [
      'api/v1/status/buildinfo',
      'api/v1/query?query=1%2B1',
      `api/v1/query?${parameters}`,
      'api/v1/metadata',
    ]) {
      const response = await fetch(`${url}${path}`, { headers })
      const body = await response.text()
      assert.equal(response.status, 200, body)
      assert.match(body, /^\{"status":"success","data":\{./)
    }
  })
})
