import { createServer, request } from 'node:http'
import { compress } from '../../test/testing/write-request-encoder.ts'
import { CountingApi } from './counting-api.ts'
import { NativeRequests } from './native-requests.ts'
import { BOUNDS, RequestTemplate } from './request-template.ts'
import { SERIES_PER_TARGET } from './series-per-target.ts'

/*
 * Everything around a measured sidecar: Prometheus' API, a Cloud Monitoring API that only counts points, and shards that
 * send remote_write requests one after another. Half of the samples are gauges and counters, the rest parts of
 * histograms.
 */

/** `pauseMs` is the minimum time between two rounds of samples. */
const [httpPort = 0, grpcPort = 0, sidecarPort = 0, targetCount = 0, pauseMs = 0] = process.argv.slice(2, 7).map(Number)
/** `1.0` and `2.0` are versions of remote_write; `native` is 1.0 with native histograms only, `gauges` with gauges only. */
const protocol = process.argv[7] ?? '1.0'
const SHARDS = 4
const SAMPLES_PER_REQUEST = protocol === 'native' ? 200 : 2000

const api = new CountingApi()
let samples = 0
let failed = 0

const targets = Array.from({ length: targetCount }, (_, index) => ({
  app: 'flask-app-tutorial',
  instance: `10.0.${index >> 8}.${index & 255}:9090`,
  job: 'kubernetes-pods',
  kubernetes_namespace: 'default',
}))

/** 61 gauges, 60 counters and 2 histograms of 17 parts: 155 series, 123 points per target; or 61 native histograms. */
function seriesOf(target: (typeof targets)[number]): Map<string, string>[] {
  const series: Map<string, string>[] = []
  const add = (name: string, labels: Record<string, string> = {}) =>
    series.push(new Map(Object.entries({ __name__: name, ...target, ...labels })))
  if (protocol === 'gauges') {
    for (let index = 0; index < SERIES_PER_TARGET; index++)
      add(`nodejs_some_gauge_${index % 10}`, { space: `space-${index}` })
    return series
  }
  if (protocol === 'native') {
    for (let index = 0; index < 61; index++) add('flask_native_duration_seconds', { status: String(200 + index) })
    return series
  }
  for (let index = 0; index < 61; index++) add(`nodejs_some_gauge_${index % 10}`, { space: `space-${index}` })
  for (let index = 0; index < 60; index++)
    add(`flask_some_requests_${index % 10}_total`, { method: 'GET', status: String(200 + index) })
  for (const status of ['200', '500']) {
    const labels = { method: 'GET', path: '/', status }
    for (const le of BOUNDS) add('flask_http_request_duration_seconds_bucket', { ...labels, le })
    add('flask_http_request_duration_seconds_count', labels)
    add('flask_http_request_duration_seconds_sum', labels)
  }
  return series
}

const metadata = targets.flatMap((target) => [
  ...Array.from({ length: 10 }, (_, index) => ({
    target,
    metric: `nodejs_some_gauge_${index}`,
    type: 'gauge',
    help: '',
    unit: '',
  })),
  ...Array.from({ length: 10 }, (_, index) => ({
    target,
    metric: `flask_some_requests_${index}`,
    type: 'counter',
    help: '',
    unit: '',
  })),
  { target, metric: 'flask_http_request_duration_seconds', type: 'histogram', help: '', unit: '' },
  { target, metric: 'flask_native_duration_seconds', type: 'histogram', help: '', unit: '' },
])

const activeTargets = targets.map((labels, index) => ({
  labels,
  scrapeInterval: '10s',
  discoveredLabels: {
    __meta_kubernetes_namespace: 'default',
    __meta_kubernetes_pod_name: `flask-app-tutorial-${index}`,
    __meta_kubernetes_pod_container_name: 'flask-app-tutorial',
  },
}))

createServer((incoming, response) => {
  const { pathname } = new URL(incoming.url ?? '/', 'http://localhost')
  const data =
    pathname === '/api/v1/targets'
      ? { activeTargets }
      : pathname === '/api/v1/targets/metadata'
        ? metadata
        : pathname === '/api/v1/query'
          ? { resultType: 'matrix', result: [] }
          : pathname === '/count'
            ? { points: api.points, samples, failed }
            : undefined
  response.statusCode = data === undefined ? 404 : 200
  response.end(JSON.stringify({ status: data === undefined ? 'error' : 'success', data }))
}).listen(httpPort, '127.0.0.1')

await api.listen(grpcPort)

function post(body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const message = protocol === '2.0' ? 'io.prometheus.write.v2.Request' : 'prometheus.WriteRequest'
    const headers = {
      'Content-Type': `application/x-protobuf;proto=${message}`,
      'Content-Encoding': 'snappy',
      'X-Prometheus-Remote-Write-Version': protocol === '2.0' ? '2.0.0' : '0.1.0',
      'Content-Length': body.length,
    }
    request({ host: '127.0.0.1', port: sidecarPort, path: '/api/v1/write', method: 'POST', headers }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
      .on('error', reject)
      .end(body)
  })
}

async function runShard(templates: readonly (RequestTemplate | NativeRequests)[], startMs: number): Promise<void> {
  for (let round = 1; ; round++) {
    const nextRound = new Promise((resolve) => setTimeout(resolve, pauseMs))
    for (const each of templates) {
      const body = compress(each.fill(startMs + round * 10_000, round))
      for (;;) {
        const status = await post(body).catch(() => 0)
        if (status >= 200 && status < 300) break
        failed += 1
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      samples += each.samples
    }
    await nextRound
  }
}

const all = targets.flatMap(seriesOf)
for (let shard = 0; shard < SHARDS; shard++) {
  const mine = all.filter((_, index) => index % SHARDS === shard)
  const templates: (RequestTemplate | NativeRequests)[] = []
  for (let start = 0; start < mine.length; start += SAMPLES_PER_REQUEST) {
    const some = mine.slice(start, start + SAMPLES_PER_REQUEST)
    templates.push(
      protocol === 'native' ? new NativeRequests(some) : new RequestTemplate(some, protocol === '2.0' ? 2 : 1),
    )
  }
  void runShard(templates, Date.now() - 6 * 60 * 60 * 1000)
}

process.stdout.write('ready\n')
