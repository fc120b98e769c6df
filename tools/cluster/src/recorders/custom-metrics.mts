// A small adapter for the custom metrics API: answers autoscalers what a query of Prometheus does, one value for each pod. Argument: JSON
// with the metric's name, the query, and the labels of namespace and pod.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'

interface Rule {
  readonly metric: string
  readonly namespace: string
  readonly query: string
  readonly podLabel: string
}

interface PrometheusAnswer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>
      readonly value: readonly [number, string]
    }[]
  }
}

const GROUP_VERSION = 'custom.metrics.k8s.io/v1beta2'
const rule: Rule = JSON.parse(process.argv.at(-1) ?? '')

const resources = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: GROUP_VERSION,
  resources: [
    { name: `pods/${rule.metric}`, singularName: '', namespaced: true, kind: 'MetricValueList', verbs: ['get'] },
  ],
}

async function values(): Promise<object> {
  const url = `http://prometheus-k8s:9090/api/v1/query?${new URLSearchParams({ query: rule.query })}`
  const { data }: PrometheusAnswer = JSON.parse(await (await fetch(url)).text())
  const items = data.result
    .filter(({ value }) => Number.isFinite(Number(value[1])))
    .map(({ metric, value }) => ({
      describedObject: { kind: 'Pod', apiVersion: '/v1', namespace: rule.namespace, name: metric[rule.podLabel] },
      metric: { name: rule.metric },
      timestamp: new Date(value[0] * 1000).toISOString(),
      value: `${Math.round(Number(value[1]) * 1e6)}u`,
    }))
  return { kind: 'MetricValueList', apiVersion: GROUP_VERSION, metadata: {}, items }
}

const root = `/apis/${GROUP_VERSION}`
const tls = { key: readFileSync('/tls/tls.key'), cert: readFileSync('/tls/tls.crt') }
createServer(tls, (request, response) => {
  // Go's clients write the asterisk as %2A.
  const path = decodeURIComponent(new URL(request.url ?? '/', 'https://adapter').pathname)
  const isMetric = path === `${root}/namespaces/${rule.namespace}/pods/*/${rule.metric}`
  const answer = isMetric ? values() : Promise.resolve(path === root ? resources : undefined)
  answer.then(
    (body) => {
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 }))
    },
    (error: unknown) => {
      response.writeHead(503, { 'content-type': 'text/plain' })
      response.end(String(error))
    },
  )
}).listen(8443)
process.once('SIGTERM', () => process.exit(0))
