import type { MatchOperator, TimeWindow } from '@node-to-cloud/promql'
import type { Exemplar, MetricMetadata, NamedType } from '../promql-source.ts'

/** A matcher in messages between threads. */
export interface MatcherData {
  readonly name: string
  readonly operator: MatchOperator
  readonly value: string
}

/** Starts to read data of all matching series; `next` continues. */
export interface ScanCall {
  readonly name: ScanName
  readonly matchers: readonly MatcherData[]
  readonly window: TimeWindow
}

export type ScanName = 'select' | 'list' | 'exemplars'

/** The calls of a thread to the one that has the store. */
export type StoreCall =
  | ScanCall
  | { readonly name: 'next'; readonly scan: number }
  | { readonly name: 'types'; readonly metricName: string }
  | { readonly name: 'metadata' }

/** Labels as alternating names and values. */
export type LabelPairs = readonly string[]

export interface SelectedRow {
  readonly labels: LabelPairs
  readonly timestamps: Float64Array
  readonly values: Float64Array
  readonly startTimestamps: Float64Array
}

export interface ExemplarRow {
  readonly labels: LabelPairs
  readonly exemplars: readonly Exemplar[]
}

/** The data that each kind of scan returns for a series. */
export interface ScanRows {
  readonly select: SelectedRow
  readonly list: { readonly labels: LabelPairs }
  readonly exemplars: ExemplarRow
}

/** A part of the result of a scan: as much as can be read without blocking others. */
export interface Slice<Row> {
  readonly scan: number
  readonly rows: readonly Row[]
  readonly isLast: boolean
}

export type StoreReply =
  | { readonly name: 'slice'; readonly slice: Slice<ScanRows[ScanName]> }
  | { readonly name: 'types'; readonly types: readonly NamedType[] }
  | { readonly name: 'metadata'; readonly metadata: readonly (readonly [string, readonly MetricMetadata[]])[] }
  | { readonly name: 'failed'; readonly message: string }
