import type { ExternalLabels } from '../model/labels/external-labels.ts'
import type { MetricType } from '../model/metadata.ts'
import type { Selector } from './selector.ts'

/** The format of Google's sidecar, or that of Managed Service for Prometheus. */
export type FormatName = 'external' | 'gmp'

/**
 * Everything the user can configure about conversion. External labels are neither matched against targets nor written.
 */
export interface ConversionRules extends ExternalLabels {
  readonly format: FormatName
  /** Precedes the metric's name, separated by a slash; by default the prefix of the format. */
  readonly metricsPrefix: string
  readonly resourceDefaults: ResourceDefaults
  readonly useGkeResource: boolean
  /** Resource of series without a target (recording rules, alerts); undefined: they are dropped. */
  readonly targetlessResource: StaticResource | undefined
  /** Only series that match one of these are converted; if it is empty, all are. */
  readonly include: readonly Selector[]
  /** Series that are written less often; if several entries match, the first applies. */
  readonly intervals: readonly ThinnedSeries[]
  /** Prometheus name → name that follows the prefix instead. */
  readonly metricRenames: ReadonlyMap<string, string>
  /** By the metric's name, before or after renaming. Overrides the metadata of targets. */
  readonly staticMetadata: ReadonlyMap<string, StaticMetadata>
  /** Points that follow the previous one of their series sooner than this are dropped; 0 disables it. */
  readonly minSamplingPeriodMs: number
}

/** Project, location and cluster, used where no label specifies them. An empty string counts as absent. */
export interface ResourceDefaults {
  readonly projectId: string
  readonly kubernetesLocation: string
  readonly kubernetesClusterName: string
  readonly genericLocation: string
  readonly genericNamespace: string
}

/** Series of which at most one point is written per period. */
export interface ThinnedSeries {
  readonly selector: Selector
  readonly periodMs: number
}

/** Metadata of a metric from `static_metadata` in `--config-file`. */
export interface StaticMetadata {
  readonly type: MetricType
  readonly valueType: 'DOUBLE' | 'INT64'
}

/** A monitored resource with all its labels. */
export interface StaticResource {
  readonly type: string
  readonly labels: ReadonlyMap<string, string>
}

/** Limits of Cloud Monitoring that are checked before writing. */
export const LIMITS = {
  metricLabels: 30,
  labelKeyLength: 100,
  labelValueBytes: 1024,
  metricTypeLength: 200,
  buckets: 200,
} as const
