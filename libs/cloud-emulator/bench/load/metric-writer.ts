import { Client, credentials } from '@grpc/grpc-js'
import { createTimeSeriesRequestCodec } from '../../src/monitoring/model/messages.ts'

const PATH = '/google.monitoring.v3.MetricService/CreateTimeSeries'
export const SERIES_PER_REQUEST = 200
const BUCKETS = 15

/** A tenth of the series are distributions of 15 buckets, the others counters and gauges. */
export interface WriterOptions {
  readonly grpcPort: number
  readonly series: number
  readonly stepSeconds: number
  /** The first point's time in seconds before now. */
  readonly backSeconds: number
  /** The number of concurrent requests. */
  readonly concurrency: number
}

/**
 * Writes one step after another over gRPC, as fast as they are accepted, up to the present. Returns the number of
 * points.
 */
export async function writeHistory(options: WriterOptions): Promise<number> {
  const { grpcPort, series, stepSeconds, backSeconds, concurrency } = options
  const client = new Client(`127.0.0.1:${grpcPort}`, credentials.createInsecure())
  const now = Math.floor(Date.now() / 1000)
  const batches = Array.from({ length: Math.ceil(series / SERIES_PER_REQUEST) }, (_, index) => index)
  let points = 0
  for (let end = now - backSeconds; end <= now; end += stepSeconds) {
    const waiting = [...batches]
    const worker = async (): Promise<void> => {
      for (let batch = waiting.pop(); batch !== undefined; batch = waiting.pop()) {
        await write(client, requestBytes(batch, { start: now - backSeconds - 60, end, series }))
        points += Math.min(SERIES_PER_REQUEST, series - batch * SERIES_PER_REQUEST)
      }
    }
    await Promise.all(Array.from({ length: concurrency }, worker))
  }
  client.close()
  return points
}

function write(client: Client, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      PATH,
      (buffer: Buffer) => buffer,
      () => undefined,
      bytes,
      (error) => (error ? reject(error) : resolve()),
    )
  })
}

/**
 * The bytes of a request: a batch of 200 series, their points ending at `end`, counters starting at `start` (seconds
 * since the epoch).
 */
export function requestBytes(batch: number, options: { start: number; end: number; series: number }): Buffer {
  const { start, end, series } = options
  const first = batch * SERIES_PER_REQUEST
  const count = Math.min(SERIES_PER_REQUEST, series - first)
  const timeSeries = Array.from({ length: count }, (_, offset) => oneSeries(first + offset, start, end))
  return Buffer.from(createTimeSeriesRequestCodec.encode({ name: 'projects/demo-project', timeSeries }))
}

function oneSeries(index: number, start: number, end: number) {
  const kind = index % 10
  const gauge = kind > 4
  const passed = end - start
  return {
    metric: {
      type: `external.googleapis.com/prometheus/bench_${kind === 0 ? 'duration_seconds' : gauge ? 'level' : 'requests_total'}_${kind}`,
      labels: { instance: `instance-${index}`, method: 'GET', status: '200' },
    },
    resource: {
      type: 'k8s_container',
      labels: {
        location: 'us-central1',
        cluster_name: 'demo',
        namespace_name: 'default',
        pod_name: `pod-${index % 100}`,
        container_name: 'c',
      },
    },
    metricKind: gauge ? 1 : 3,
    valueType: kind === 0 ? 5 : 3,
    points: [
      {
        interval: { ...(gauge ? {} : { startTime: { seconds: start } }), endTime: { seconds: end } },
        value:
          kind === 0
            ? distribution(passed)
            : { doubleValue: gauge ? Math.sin(end + index) : passed * (1 + (index % 7)) },
      },
    ],
  }
}

function distribution(passed: number) {
  const bounds = Array.from({ length: BUCKETS - 1 }, (_, index) => 0.005 * 2 ** index)
  const bucketCounts = Array.from({ length: BUCKETS }, (_, index) => passed * (BUCKETS - index))
  const count = bucketCounts.reduce((sum, one) => sum + one, 0)
  return {
    distributionValue: {
      count,
      mean: 0.2,
      sumOfSquaredDeviation: 0.5,
      bucketOptions: { explicitBuckets: { bounds } },
      bucketCounts,
    },
  }
}
