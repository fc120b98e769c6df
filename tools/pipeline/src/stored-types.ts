import { MetricServiceClient } from '@google-cloud/monitoring'
import { credentials } from '@grpc/grpc-js'

export type MetricKind = 'GAUGE' | 'CUMULATIVE' | 'DELTA'
export type ValueType = 'BOOL' | 'INT64' | 'DOUBLE' | 'STRING' | 'DISTRIBUTION'

/** A metric type stored in Cloud Monitoring, and how much of it. */
export interface StoredType {
  readonly type: string
  readonly metricKind: string
  readonly valueType: string
  readonly series: number
  readonly points: number
}

/** Reads what the Cloud Monitoring API has stored, with Google's own client. */
export class StoredTypesReader {
  readonly #client: MetricServiceClient
  readonly #name: string

  /** @param port - the plaintext gRPC port on this machine */
  constructor(port: number, projectId: string) {
    this.#client = new MetricServiceClient({
      apiEndpoint: '127.0.0.1',
      port,
      sslCreds: credentials.createInsecure(),
      projectId,
    })
    this.#name = `projects/${projectId}`
  }

  /**
   * Returns every metric type, with its number of series and points of the last hour.
   *
   * @param counted - the types whose series and points are counted; 0 for all others
   * @throws the client's error where the API does not answer
   */
  async read(counted: ReadonlySet<string>): Promise<StoredType[]> {
    const [descriptors] = await this.#client.listMetricDescriptors({ name: this.#name })
    return Promise.all(
      descriptors.map(async (descriptor) => {
        const type = descriptor.type ?? ''
        const { series, points } = counted.has(type) ? await this.#count(type) : { series: 0, points: 0 }
        return {
          type,
          metricKind: String(descriptor.metricKind),
          valueType: String(descriptor.valueType),
          series,
          points,
        }
      }),
    )
  }

  async #count(type: string): Promise<{ series: number; points: number }> {
    const nowSeconds = Math.ceil(Date.now() / 1000)
    const [list] = await this.#client.listTimeSeries({
      name: this.#name,
      filter: `metric.type = "${type}"`,
      interval: { startTime: { seconds: nowSeconds - 3600 }, endTime: { seconds: nowSeconds + 60 } },
      view: 'FULL',
    })
    return { series: list.length, points: list.reduce((sum, series) => sum + (series.points?.length ?? 0), 0) }
  }

  close(): Promise<void> {
    return this.#client.close()
  }
}
