import type { Answers } from '@node-to-cloud/cloud-emulator'
import type { Installation } from './installation.ts'
import { withPortForward } from './port-forward.ts'

/** Requests a path of an installation's emulator. The path may have parameters. */
export function askEmulator<Path extends keyof Answers>(
  installation: Installation,
  path: Path,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Answers[Path]> {
  return withPortForward(installation.kubectl, 'service/cloud-emulator', 8085, async (url) => {
    const query = new URLSearchParams(parameters)
    const response = await fetch(`${url}${path}?${query}`, { signal: AbortSignal.timeout(20_000) })
    if (!response.ok) throw new Error(`emulator ${path}: ${response.status}`)
    return JSON.parse(await response.text())
  })
}

/** The sum of a metric over its series in a text exposition; `labels` is a part of the label set. */
export function sumOfSamples(exposition: string, name: string, labels = ''): number {
  let sum = 0
  for (const line of exposition.split('\n')) {
    const [series = '', value = ''] = line.split(' ')
    const isMetric = series === name || series.startsWith(`${name}{`)
    if (isMetric && series.includes(labels)) sum += Number(value)
  }
  return sum
}

/** Reads the metrics of a container, by its port. */
export function readMetrics(installation: Installation, target: string, port: number): Promise<string> {
  return withPortForward(installation.kubectl, target, port, async (url) => {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(20_000) })
    return response.text()
  })
}

interface PrometheusAnswer {
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] }
}

/** The value of a query that Prometheus answers with one sample at most; 0 if there is none. */
export function askPrometheus(installation: Installation, query: string): Promise<number> {
  return withPortForward(installation.kubectl, 'service/prometheus-k8s', 9090, async (url) => {
    const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query })}`, {
      signal: AbortSignal.timeout(20_000),
    })
    if (!answer.ok) throw new Error(`Prometheus ${query}: ${answer.status}`)
    const { data }: PrometheusAnswer = JSON.parse(await answer.text())
    return Number(data.result[0]?.value[1] ?? 0)
  })
}
