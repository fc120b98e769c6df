import { type StoredPoint, trimZeros } from '../test/testing/stored-points.ts'
import { Child, NODE } from './child.ts'

export interface Fault {
  readonly code?: string
  readonly latencyMs?: number
  readonly loseAnswer?: boolean
  readonly share?: number
  readonly seriesShare?: number
  readonly durationSeconds?: number
  readonly message?: string
}

/** A cloud-emulator in its own process. */
export class Emulator {
  readonly child: Child
  readonly url: string
  readonly grpcAddress: string

  private constructor(child: Child, url: string, grpcAddress: string) {
    this.child = child
    this.url = url
    this.grpcAddress = grpcAddress
  }

  static async start(flags: readonly string[] = []): Promise<Emulator> {
    const { child, match } = await Child.start(
      'cloud-emulator',
      [
        ...NODE,
        'libs/cloud-emulator/src/main.ts',
        '--http.listen-address=127.0.0.1:0',
        '--grpc.listen-address=127.0.0.1:0',
        '--log.level=info',
        ...flags,
      ],
      { ready: /(?<http>http:\/\/127\.0\.0\.1:\d+).*gRPC at (?<grpc>127\.0\.0\.1:\d+)/ },
    )
    return new Emulator(child, match.groups?.http ?? '', match.groups?.grpc ?? '')
  }

  async fault(fault: Fault): Promise<number> {
    const response = await fetch(`${this.url}/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ methods: ['CreateTimeSeries'], ...fault }),
    })
    if (!response.ok) throw new Error(`POST /faults: ${response.status} ${await response.text()}`)
    return ((await response.json()) as { id: number }).id
  }

  async faultHits(id: number): Promise<number> {
    const { faults } = await this.#get<{ faults: { id: number; hits: number }[] }>('/faults')
    return faults.find((fault) => fault.id === id)?.hits ?? 0
  }

  async clearFaults(): Promise<void> {
    await fetch(`${this.url}/faults`, { method: 'DELETE' })
  }

  async summary(): Promise<{ points: number; pointsAccepted: number; pointsRefused: number }> {
    return this.#get('/api/summary')
  }

  async refusals(): Promise<{ byReason: { reason: string; code: string; points: number }[] }> {
    return this.#get('/api/refusals?limit=20')
  }

  /** The points that faults refused for good (`seriesShare`). */
  async injectedRefusals(): Promise<StoredPoint[]> {
    const { refusals } = await this.#get<{ refusals: JsonRefusal[] }>('/api/refusals?limit=1000')
    return refusals
      .filter(({ message, point }) => message.includes('Injected fault') && point !== undefined)
      .map((refusal) => ({
        type: refusal.metricType ?? '',
        labels: refusal.metricLabels ?? {},
        resource: { type: refusal.resourceType ?? '', labels: refusal.resourceLabels ?? {} },
        metricKind: refusal.metricKind ?? '',
        valueType: refusal.valueType ?? '',
        startMs: refusal.point?.startMs ?? undefined,
        endMs: refusal.point?.endMs ?? 0,
        value: 0,
      }))
  }

  /** All points stored under a project. */
  async stored(project = 'demo-project'): Promise<StoredPoint[]> {
    const { metricDescriptors = [] } = await this.#get<{ metricDescriptors?: { type: string }[] }>(
      `/v3/projects/${project}/metricDescriptors?pageSize=10000`,
    )
    const points: StoredPoint[] = []
    for (const { type } of metricDescriptors) points.push(...(await this.#storedOf(project, type)))
    return points
  }

  async #storedOf(project: string, type: string): Promise<StoredPoint[]> {
    const points: StoredPoint[] = []
    let pageToken = ''
    do {
      const query = new URLSearchParams({
        filter: `metric.type = "${type}"`,
        'interval.startTime': new Date(Date.now() - 26 * 3_600_000).toISOString(),
        'interval.endTime': new Date(Date.now() + 600_000).toISOString(),
        pageSize: '100000',
        pageToken,
      })
      const page = await this.#get<ListTimeSeriesResponse>(`/v3/projects/${project}/timeSeries?${query}`)
      for (const series of page.timeSeries ?? []) {
        for (const point of series.points) points.push(plainPoint(series, point))
      }
      pageToken = page.nextPageToken ?? ''
    } while (pageToken !== '')
    return points
  }

  async #get<Answer>(path: string): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`)
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as Answer
  }
}

interface JsonRefusal {
  readonly message: string
  readonly metricType?: string
  readonly metricLabels?: Record<string, string>
  readonly resourceType?: string
  readonly resourceLabels?: Record<string, string>
  readonly metricKind?: string
  readonly valueType?: string
  readonly point?: { readonly startMs: number | null; readonly endMs: number }
}

interface ListTimeSeriesResponse {
  readonly timeSeries?: readonly TimeSeries[]
  readonly nextPageToken?: string
}

interface TimeSeries {
  readonly metric: { readonly type: string; readonly labels?: Record<string, string> }
  readonly resource: { readonly type: string; readonly labels?: Record<string, string> }
  readonly metricKind: string
  readonly valueType: string
  readonly points: readonly JsonPoint[]
}

interface JsonPoint {
  readonly interval: { readonly startTime?: string; readonly endTime: string }
  readonly value: {
    readonly doubleValue?: number | string
    readonly int64Value?: string
    readonly distributionValue?: {
      readonly count?: string
      readonly mean?: number
      readonly sumOfSquaredDeviation?: number
      readonly bucketOptions?: { readonly explicitBuckets?: { readonly bounds?: number[] } }
      readonly bucketCounts?: string[]
    }
  }
}

function plainPoint(series: TimeSeries, { interval, value }: JsonPoint): StoredPoint {
  const distribution = value.distributionValue
  return {
    type: series.metric.type,
    labels: series.metric.labels ?? {},
    resource: { type: series.resource.type, labels: series.resource.labels ?? {} },
    metricKind: series.metricKind,
    valueType: series.valueType,
    startMs:
      series.metricKind === 'GAUGE' || interval.startTime === undefined ? undefined : Date.parse(interval.startTime),
    endMs: Date.parse(interval.endTime),
    value:
      distribution === undefined
        ? Number(value.doubleValue ?? value.int64Value)
        : {
            count: Number(distribution.count ?? 0),
            mean: distribution.mean ?? 0,
            sumOfSquaredDeviation: distribution.sumOfSquaredDeviation ?? 0,
            bounds: distribution.bucketOptions?.explicitBuckets?.bounds ?? [],
            bucketCounts: trimZeros((distribution.bucketCounts ?? []).map(Number)),
          },
  }
}
