import type { Labels } from '../../model/labels/labels.ts'
import type { MetricType } from '../../model/metadata.ts'
import type { Target } from '../../model/target.ts'
import type { MetricKind, ValueType } from '../../model/time-series.ts'
import type { ConversionRules, FormatName } from '../conversion-rules.ts'
import type { Drop } from '../drop-reason.ts'

/**
 * What a sample of a series becomes: a point of its own, part of a distribution, or the start time of another series.
 */
export type SampleRole = 'gauge' | 'cumulative' | 'native' | 'bucket' | 'sum' | 'count' | 'created'

/** How a Prometheus series is named and typed in Cloud Monitoring. */
export interface MetricMapping {
  readonly role: SampleRole
  /** The name before renaming. */
  readonly name: string
  readonly family: string
  readonly familyType: MetricType
  readonly metricKind: MetricKind
  readonly valueType: ValueType
  /** Follows the name in the metric type, if the format puts the kind there. */
  readonly suffix?: string
  /** The suffix of a second time series, to which the same samples are written as a counter. */
  readonly counterSuffix?: string
}

/** The type of a family according to its target; undefined if unknown. */
export type TypeLookup = (family: string) => MetricType | undefined

/** Whether a counter is named after its series (`jobs_total`) or its family in OpenMetrics (`jobs`). */
export type CounterForm = 'full' | 'family'

/** A monitored resource, and the labels of the series that it used. */
export interface MatchedResource {
  readonly type: string
  readonly labels: ReadonlyMap<string, string>
  /** Names of the series' own labels that became resource labels and are no longer metric labels. */
  readonly consumed: ReadonlySet<string>
}

/** One of Google's ways to write Prometheus series as time series. */
export interface MetricsFormat {
  readonly name: FormatName
  /** Precedes the metric's name unless another prefix is given. */
  readonly prefix: string
  /** Whether the labels that a target has in Prometheus become metric labels of its series. */
  readonly keepsTargetLabels: boolean
  /** Whether a series of unknown type is written. */
  readonly acceptsUntyped: boolean
  /** Whether a gauge may be NaN. */
  readonly acceptsNan: boolean
  map(
    labels: Labels,
    typeOf: TypeLookup,
    rules: ConversionRules,
    formOf?: (name: string) => CounterForm | undefined,
  ): MetricMapping | Drop
  mapNative(name: string): MetricMapping
  /** `target` is undefined for a series that no target exposes. */
  resourceOf(labels: Labels, target: Target | undefined, rules: ConversionRules): MatchedResource | Drop
  /** The name of a metric in the form that Cloud Monitoring accepts; undefined if there is none. */
  metricName(name: string): string | undefined
  /** The pattern of a full metric type. */
  readonly metricType: RegExp
}

export const NO_TARGET: Drop = {
  drop: 'target_not_found',
  detail: 'Prometheus has no target with its job and instance; series of recording rules need --resource.targetless',
}
