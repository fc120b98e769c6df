import assert from 'node:assert/strict'
import { BucketLayouts } from '../../src/monitoring/model/bucket-layout.ts'
import type { CreateTimeSeriesSummaryMessage } from '../../src/monitoring/model/messages.ts'
import { MetricStore } from '../../src/monitoring/store/metric-store.ts'
import { createTimeSeries, type WriteOutcome } from '../../src/monitoring/write/create-time-series.ts'
import { START_SECONDS, writeRequest } from './time-series.ts'

/** A store with the default limits, except for 1,000 series. */
export function newStore(): MetricStore {
  return new MetricStore({ maxSeries: 1000, maxPointBytes: 1e9, maxQuerySamples: 1e6, retentionMicros: 6 * 3600e6 })
}

/** Writes series at a time in seconds after `START_SECONDS`. */
export function write(
  store: MetricStore,
  series: readonly Record<string, unknown>[],
  options: { now?: number; project?: string } = {},
): WriteOutcome {
  const { now = 0, project } = options
  return createTimeSeries(writeRequest(series, project), {
    store,
    layouts: new BucketLayouts(),
    nowMicros: (START_SECONDS + now) * 1e6,
  })
}

/** The summary of a write that was partly rejected. */
export function summaryOf(outcome: WriteOutcome): CreateTimeSeriesSummaryMessage {
  assert.ok(outcome.error, 'expected an error')
  const [detail] = outcome.error.details
  assert.equal(detail?.typeName, 'google.monitoring.v3.CreateTimeSeriesSummary')
  return detail.value as CreateTimeSeriesSummaryMessage
}
