import type { Labels, MetricKind } from '../../contract/metrics.ts'
import type { ExemplarMessage } from '../model/messages.ts'
import type { PointValue } from '../model/point-value.ts'
import type { PagePool } from './page-pool.ts'
import { PointColumns } from './point-columns.ts'

export type StoredValueType = 'BOOL' | 'INT64' | 'DOUBLE' | 'DISTRIBUTION'

export interface SeriesIdentity {
  readonly metricType: string
  readonly metricLabels: Labels
  readonly resourceType: string
  readonly resourceLabels: Labels
}

/** The exemplars of a recent point. */
export interface PointExemplars {
  readonly endMicros: number
  readonly exemplars: readonly ExemplarMessage[]
}

const POINTS_WITH_EXEMPLARS = 60
/** Estimated memory of a series and an exemplar, without their strings and bytes. */
const SERIES_BYTES = 600
const EXEMPLAR_BYTES = 150

/** A time series: its identity and its points. */
export class Series implements SeriesIdentity {
  readonly key: string
  readonly metricType: string
  readonly metricLabels: Labels
  readonly resourceType: string
  readonly resourceLabels: Labels
  readonly metricKind: MetricKind
  readonly valueType: StoredValueType
  readonly points: PointColumns
  readonly #exemplars: PointExemplars[] = []
  readonly #identityBytes: number
  #exemplarBytes = 0
  writtenMicros = 0

  constructor(
    identity: SeriesIdentity,
    options: { key: string; metricKind: MetricKind; valueType: StoredValueType; pages: PagePool },
  ) {
    this.key = options.key
    this.metricType = identity.metricType
    this.metricLabels = identity.metricLabels
    this.resourceType = identity.resourceType
    this.resourceLabels = identity.resourceLabels
    this.metricKind = options.metricKind
    this.valueType = options.valueType
    this.points = new PointColumns(options.valueType, options.pages)
    // Twice, since the key contains the labels again.
    this.#identityBytes = SERIES_BYTES + 2 * options.key.length
  }

  /** The memory of the points, exemplars and labels. */
  get byteLength(): number {
    return this.#identityBytes + this.points.byteLength + this.#exemplarBytes
  }

  get exemplars(): readonly PointExemplars[] {
    return this.#exemplars
  }

  append(point: NewPoint, nowMicros: number): void {
    this.points.append(point.startMicros, point.endMicros, point.value)
    this.writtenMicros = nowMicros
    if (point.exemplars.length === 0) return
    if (this.#exemplars.length >= POINTS_WITH_EXEMPLARS) {
      const oldest = this.#exemplars.shift()
      this.#exemplarBytes -= bytesOfExemplars(oldest?.exemplars ?? [])
    }
    this.#exemplars.push({ endMicros: point.endMicros, exemplars: point.exemplars })
    this.#exemplarBytes += bytesOfExemplars(point.exemplars)
  }
}

function bytesOfExemplars(exemplars: readonly ExemplarMessage[]): number {
  let bytes = 0
  for (const { attachments = [] } of exemplars) {
    bytes += EXEMPLAR_BYTES
    for (const { type_url, value } of attachments) bytes += EXEMPLAR_BYTES + type_url.length + value.length
  }
  return bytes
}

export interface NewPoint {
  readonly startMicros: number
  readonly endMicros: number
  readonly value: PointValue
  readonly exemplars: readonly ExemplarMessage[]
}

/**
 * A key that is equal for equal identities, regardless of the order of their labels. It is kept for as long as the
 * series: `join` makes one flat string, where `+` would keep each of its parts.
 */
export function seriesKey({ metricType, metricLabels, resourceType, resourceLabels }: SeriesIdentity): string {
  const parts = [metricType, '\n']
  addLabels(parts, metricLabels)
  parts.push('\n', resourceType, '\n')
  addLabels(parts, resourceLabels)
  return parts.join('')
}

function addLabels(parts: string[], labels: Labels): void {
  const names = Object.keys(labels)
  if (names.length > 1) names.sort()
  for (const name of names) parts.push(name, '\u0001', labels[name] ?? '', '\u0002')
}
