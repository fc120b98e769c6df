import type { MetricType } from '../model/metadata.ts'
import type { ResourceDefaults } from './formats/external/resource.ts'
import type { Selector } from './selector.ts'

/** Everything that the user sets about conversion. */
export interface ConversionRules {
  /** Put before the metric's name and a slash; `external.googleapis.com/prometheus` unless told otherwise. */
  readonly metricsPrefix: string
  readonly resourceDefaults: ResourceDefaults
  readonly useGkeResource: boolean
  /** For series that have no target (recording rules, alerts); undefined: they are dropped. */
  readonly targetlessResource: StaticResource | undefined
  /** Only series that one of them matches are converted; all if there is none. */
  readonly include: readonly Selector[]
  /** Prometheus name as conversion uses it → new name, before the prefix. */
  readonly metricRenames: ReadonlyMap<string, string>
  /** By the metric's name, before or after renaming. Wins over what targets say. */
  readonly staticMetadata: ReadonlyMap<string, StaticMetadata>
  /** Names of labels that Prometheus adds to all it sends (`external_labels`): neither matched against targets nor kept. */
  readonly externalLabels: ReadonlyMap<string, string>
  /** Points of a series whose ends are closer are dropped; 0: none is. */
  readonly minSamplingPeriodMs: number
}

export interface StaticMetadata {
  readonly type: MetricType
  readonly valueType: 'DOUBLE' | 'INT64'
}

/** A monitored resource given whole. */
export interface StaticResource {
  readonly type: string
  readonly labels: ReadonlyMap<string, string>
}

/** Cloud Monitoring's limits that are known before writing. */
export const LIMITS = {
  metricLabels: 30,
  labelKeyLength: 100,
  labelValueBytes: 1024,
  metricTypeLength: 200,
  buckets: 200,
} as const
