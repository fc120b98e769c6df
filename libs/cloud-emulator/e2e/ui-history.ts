/** A series to write, and its value at each step. */
export interface HistorySeries {
  readonly type: string
  readonly metricKind: 'GAUGE' | 'CUMULATIVE'
  readonly valueType: 'DOUBLE' | 'DISTRIBUTION'
  readonly labels?: Readonly<Record<string, string>>
  readonly container: string
  readonly unit?: string
  /** The value at a step: a gauge's value, or a counter's total. */
  readonly value?: (step: number) => number
  /** The cumulative bucket counts at a step. */
  readonly counts?: (step: number) => readonly number[]
  readonly bounds?: readonly number[]
  readonly exemplar?: (step: number) => { readonly value: number; readonly traceId: string } | undefined
}

const SERIES_PER_REQUEST = 200

function typedValue(series: HistorySeries, step: number, endMs: number, project: string): object {
  if (series.valueType === 'DOUBLE') return { doubleValue: series.value?.(step) ?? 0 }
  const counts = series.counts?.(step) ?? []
  const count = counts.reduce((sum, one) => sum + one, 0)
  const exemplar = series.exemplar?.(step)
  return {
    distributionValue: {
      count: String(count),
      mean: count === 0 ? 0 : 0.02,
      sumOfSquaredDeviation: count === 0 ? 0 : 0.01,
      bucketOptions: { explicitBuckets: { bounds: series.bounds } },
      bucketCounts: counts.map(String),
      ...(exemplar
        ? {
            exemplars: [
              {
                value: exemplar.value,
                timestamp: new Date(endMs).toISOString(),
                attachments: [
                  {
                    '@type': 'type.googleapis.com/google.monitoring.v3.SpanContext',
                    spanName: `projects/${project}/traces/${exemplar.traceId}/spans/00f067aa0ba902b7`,
                  },
                ],
              },
            ],
          }
        : {}),
    },
  }
}

/** One point of each series, in the format of `CreateTimeSeries`. */
export function timeSeriesAt(
  series: readonly HistorySeries[],
  step: number,
  startMs: number,
  endMs: number,
  project: string,
): object[] {
  return series.map((one) => ({
    metric: { type: `external.googleapis.com/prometheus/${one.type}`, labels: one.labels ?? {} },
    resource: {
      type: 'k8s_container',
      labels: {
        project_id: project,
        location: 'us-central1',
        cluster_name: 'demo',
        namespace_name: 'default',
        pod_name: `${one.container}-local`,
        container_name: one.container,
      },
    },
    metricKind: one.metricKind,
    valueType: one.valueType,
    ...(one.unit ? { unit: one.unit } : {}),
    points: [
      {
        interval: {
          endTime: new Date(endMs).toISOString(),
          ...(one.metricKind === 'CUMULATIVE' ? { startTime: new Date(startMs).toISOString() } : {}),
        },
        value: typedValue(one, step, endMs, project),
      },
    ],
  }))
}

/** Sends a JSON body; throws with the response if it is rejected. */
export async function post(url: string, body: object): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${url} responded with ${response.status}: ${await response.text()}`)
  return await response.json()
}

/** Writes the series' history from `fromMs` to `toMs`, one point every `stepMs`, with `CreateTimeSeries` over REST. */
export async function writeHistory(
  origin: string,
  project: string,
  series: readonly HistorySeries[],
  { fromMs, toMs, stepMs }: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
): Promise<void> {
  for (let step = 1, endMs = fromMs + stepMs; endMs <= toMs; step++, endMs += stepMs) {
    for (let index = 0; index < series.length; index += SERIES_PER_REQUEST) {
      const part = series.slice(index, index + SERIES_PER_REQUEST)
      await post(`${origin}/v3/projects/${project}/timeSeries`, {
        timeSeries: timeSeriesAt(part, step, fromMs, endMs, project),
      })
    }
  }
}

const LATENCY_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/** A wave between 0 and 1; the period is in steps. */
function wave(step: number, period: number): number {
  return 0.5 + 0.5 * Math.sin((2 * Math.PI * step) / period)
}

function totals(perStep: (step: number) => number): (step: number) => number {
  const sums: number[] = [0]
  return (step) => {
    for (let next = sums.length; next <= step; next++) sums.push((sums[next - 1] ?? 0) + perStep(next))
    return sums[step] ?? 0
  }
}

/** Series like those of a flask-app under load: varying rates, some errors, latencies with a tail, exemplars. */
export function flaskHistory(traceIds: readonly string[] = []): HistorySeries[] {
  const container = 'flask-app-tutorial'
  const rates: readonly (readonly [string, string, (step: number) => number])[] = [
    ['GET', '200', (step) => 300 + 120 * wave(step, 90)],
    ['GET', '404', (step) => 8 + 6 * wave(step, 40)],
    ['GET', '418', (step) => 3 + 2 * wave(step, 25)],
    ['GET', '500', (step) => (step % 120 > 90 ? 14 : 1)],
    ['POST', '405', (step) => 2 + wave(step, 60)],
  ]
  const requests = rates.map(([method, status, rate]): HistorySeries => {
    return {
      type: 'flask_http_request',
      metricKind: 'CUMULATIVE',
      valueType: 'DOUBLE',
      labels: { method, status },
      container,
      value: totals((step) => Math.round(rate(step))),
    }
  })
  const shape = (step: number): number[] => {
    const slow = 0.4 + wave(step, 100)
    return [
      40,
      160,
      90,
      30 * slow,
      14 * slow,
      8 * slow,
      6 * slow,
      2 * slow * slow,
      slow > 1.2 ? 1 : 0,
      0,
      0,
      0,
      0,
      0,
      0,
    ]
  }
  const sums: number[][] = [LATENCY_BOUNDS.map(() => 0).concat(0)]
  const counts = (step: number): readonly number[] => {
    for (let next = sums.length; next <= step; next++) {
      sums.push(shape(next).map((count, bucket) => (sums[next - 1]?.[bucket] ?? 0) + Math.round(count)))
    }
    return sums[step] ?? []
  }
  return [
    ...requests,
    {
      type: 'flask_http_request_duration_seconds',
      metricKind: 'CUMULATIVE',
      valueType: 'DISTRIBUTION',
      labels: { method: 'GET', path: '/', status: '200' },
      container,
      counts,
      bounds: LATENCY_BOUNDS,
      exemplar: (step) => {
        const traceId = traceIds[step % 24]
        return traceId === undefined ? undefined : { traceId, value: 0.012 + 0.4 * wave(step, 37) ** 4 }
      },
    },
    {
      type: 'flask_app_hello_requests',
      metricKind: 'CUMULATIVE',
      valueType: 'DOUBLE',
      labels: { environment: 'staging', exported_app: 'flask-app' },
      container,
      value: totals((step) => Math.round(310 + 120 * wave(step, 90))),
    },
    {
      type: 'flask_exporter_info',
      metricKind: 'GAUGE',
      valueType: 'DOUBLE',
      labels: { version: '0.1.0' },
      container,
      value: () => 1,
    },
    { type: 'up', metricKind: 'GAUGE', valueType: 'DOUBLE', container, value: () => 1 },
    { type: 'up', metricKind: 'GAUGE', valueType: 'DOUBLE', container: 'custom-metrics-example', value: () => 1 },
    {
      type: 'custom_metric_example',
      metricKind: 'CUMULATIVE',
      valueType: 'DOUBLE',
      labels: { environment: 'staging', exported_app: 'custom-metrics-example' },
      container: 'custom-metrics-example',
      value: (step) => step * 2,
    },
    {
      type: 'process_resident_memory_bytes',
      metricKind: 'GAUGE',
      valueType: 'DOUBLE',
      container: 'custom-metrics-example',
      unit: 'By',
      value: (step) => 62e6 + 6e6 * wave(step, 70),
    },
    {
      type: 'process_cpu_seconds',
      metricKind: 'CUMULATIVE',
      valueType: 'DOUBLE',
      container: 'custom-metrics-example',
      unit: 's',
      value: totals((step) => 0.12 + 0.05 * wave(step, 50)),
    },
  ]
}

/** The trace that a failed span has a link to. */
export const LINKED_TRACE = 'abcdef0123456789abcdef0123456789'

/** An OTLP request with one trace of a load generator that calls a service. */
export function otlpTrace(traceId: string, startMs: number, durationMs: number, failed: boolean): object {
  const nanos = (ms: number): string => `${BigInt(Math.round(ms * 1000)) * 1000n}`
  const attribute = (key: string, value: string | number): object => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  })
  const service = (name: string, spans: object[]): object => ({
    resource: {
      attributes: [
        attribute('service.name', name),
        attribute('service.version', '0.1.0'),
        attribute('gcp.project_id', 'demo-project'),
      ],
    },
    scopeSpans: [{ scope: { name: 'e2e' }, spans }],
  })
  const client = traceId.slice(0, 16)
  const server = traceId.slice(16)
  return {
    resourceSpans: [
      service('loadtester', [
        {
          traceId,
          spanId: client,
          name: 'GET',
          kind: 3,
          startTimeUnixNano: nanos(startMs),
          endTimeUnixNano: nanos(startMs + durationMs),
          attributes: [attribute('http.request.method', 'GET'), attribute('url.full', 'http://127.0.0.1:8080/')],
          status: failed ? { code: 2 } : {},
        },
      ]),
      service('flask-app', [
        {
          traceId,
          spanId: server,
          parentSpanId: client,
          name: 'GET /',
          kind: 2,
          startTimeUnixNano: nanos(startMs + durationMs * 0.15),
          endTimeUnixNano: nanos(startMs + durationMs * 0.9),
          attributes: [
            attribute('http.request.method', 'GET'),
            attribute('http.route', '/'),
            attribute('http.response.status_code', failed ? 500 : 200),
          ],
          events: [
            {
              timeUnixNano: nanos(startMs + durationMs * 0.3),
              name: 'Received hello request !',
              attributes: [attribute('log.severity', 'INFO')],
            },
          ],
          links: failed ? [{ traceId: LINKED_TRACE, spanId: LINKED_TRACE.slice(0, 16) }] : [],
          status: failed ? { code: 2, message: 'chaos' } : {},
        },
      ]),
    ],
  }
}
