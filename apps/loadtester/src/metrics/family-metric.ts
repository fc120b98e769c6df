import { Gauge, type Registry } from '@node-to-cloud/telemetry'

/** A sample with its labels; only the samples of a histogram or summary have names of their own. */
export interface FamilySample {
  readonly metricName?: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

export interface FamilyOptions {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary'
  readonly registry: Registry
  /** Reads the samples at each scrape. */
  readonly collect: () => FamilySample[]
}

/**
 * Registers a metric family whose samples are kept elsewhere and read at each scrape, such as histograms that arrive
 * already counted.
 */
export function registerFamily(options: FamilyOptions): void {
  const { name, help, type, registry, collect } = options
  class CollectedFamily extends Gauge {
    override async get() {
      // A gauge's type has no place for histogram samples, but the registry reads only name, type and values.
      return { ...(await super.get()), name, help, type, values: collect() } as unknown as Awaited<
        ReturnType<Gauge['get']>
      >
    }
  }
  new CollectedFamily({ name, help, registers: [registry] })
}

/** Registers a gauge or counter with one value and no labels, read at each scrape. */
export function registerValue(
  registry: Registry,
  type: 'counter' | 'gauge',
  name: string,
  help: string,
  read: () => number,
): void {
  registerFamily({ registry, type, name, help, collect: () => [{ labels: {}, value: read() }] })
}
