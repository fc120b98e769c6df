import type { MatchOperator, TimeWindow } from '@node-to-cloud/promql'
import type { Exemplar, MetricMetadata, NamedType } from '../promql-source.ts'

/** A matcher as it travels between threads. */
export interface MatcherData {
  readonly name: string
  readonly operator: MatchOperator
  readonly value: string
}

/** Begins to read something of all series that match; `next` goes on. */
export interface ScanCall {
  readonly name: ScanName
  readonly matchers: readonly MatcherData[]
  readonly window: TimeWindow
}

export type ScanName = 'select' | 'list' | 'exemplars'

/** What a thread asks the one that has the store. */
export type StoreCall =
  | ScanCall
  | { readonly name: 'next'; readonly scan: number }
  | { readonly name: 'types'; readonly metricName: string }
  | { readonly name: 'metadata' }

/** Labels as names and values, one after the other. */
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

/** What each kind of scan gives of a series. */
export interface ScanRows {
  readonly select: SelectedRow
  readonly list: { readonly labels: LabelPairs }
  readonly exemplars: ExemplarRow
}

/** A part of what a scan gives: as much as can be read without holding others up. */
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
