import type { ExternalLabels } from '../model/labels/external-labels.ts'
import type { MetricType } from '../model/metadata.ts'
import type { Selector } from './selector.ts'

/** The format of Google's sidecar, or that of Managed Service for Prometheus. */
export type FormatName = 'external' | 'gmp'

/** Everything the user can set about conversion. External labels are neither matched against targets nor kept. */
export interface ConversionRules extends ExternalLabels {
  readonly format: FormatName
  /** Precedes the metric's name, separated by a slash; by default that of the format. */
  readonly metricsPrefix: string
  readonly resourceDefaults: ResourceDefaults
  readonly useGkeResource: boolean
  /** Resource of series that have no target (recording rules, alerts); undefined: they are dropped. */
  readonly targetlessResource: StaticResource | undefined
  /** Only series that match one of these are converted; if there are none, all are. */
  readonly include: readonly Selector[]
  /** Series of which less is written; of several that match, the first counts. */
  readonly intervals: readonly ThinnedSeries[]
  /** Prometheus name → name to follow the prefix instead. */
  readonly metricRenames: ReadonlyMap<string, string>
  /** By the metric's name, before or after renaming. Overrides the metadata of targets. */
  readonly staticMetadata: ReadonlyMap<string, StaticMetadata>
  /** Points that follow the previous one of their series sooner are dropped; 0 disables it. */
  readonly minSamplingPeriodMs: number
}

/** Project, location and cluster where no label names them. An empty string counts as absent. */
export interface ResourceDefaults {
  readonly projectId: string
  readonly kubernetesLocation: string
  readonly kubernetesClusterName: string
  readonly genericLocation: string
  readonly genericNamespace: string
}

/** Series of which at most one point is written in each stretch of time. */
export interface ThinnedSeries {
  readonly selector: Selector
  readonly everyMs: number
}

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
