import type { MetricKind } from '../../contract/metrics.ts'
import type { NewRefusal } from '../../refusals/refusal-log.ts'
import { METRIC_KINDS, type TimeSeriesMessage } from '../model/messages.ts'
import { checkInterval } from './check-interval.ts'
import { type WriteContext, writeOne } from './create-time-series.ts'
import { refusedSeries } from './refused-series.ts'

/** The outcome for a list of points. */
export interface PointsOutcome {
  readonly written: number
  readonly writtenTypes: ReadonlySet<string>
  /** By index in the list. */
  readonly refusals: ReadonlyMap<number, NewRefusal>
}

function kindOf({ metricKind }: TimeSeriesMessage): MetricKind {
  const name = METRIC_KINDS[metricKind]
  return name === undefined || name === 'METRIC_KIND_UNSPECIFIED' ? 'GAUGE' : name
}

/**
 * Writes points one by one, each with its series: an invalid point does not affect the others, and a series may have
 * several. Throws RESOURCE_EXHAUSTED if the project is new and there are too many.
 */
export function writePoints(
  timeSeries: readonly TimeSeriesMessage[],
  { projectId, ...context }: WriteContext & { readonly projectId: string },
): PointsOutcome {
  const project = context.store.project(projectId)
  const writtenTypes = new Set<string>()
  const refusals = new Map<number, NewRefusal>()
  for (const [index, series] of timeSeries.entries()) {
    const refuse = (refusal: Pick<NewRefusal, 'reason' | 'status' | 'message'>): void => {
      refusals.set(index, { ...refusedSeries(series, projectId), ...refusal, points: 1 })
    }
    const [point] = series.points
    if (!point) continue
    const metricType = series.metric?.type ?? ''
    const interval = checkInterval(point.interval, {
      field: metricType,
      metricKind: kindOf(series),
      metricType,
      nowMicros: context.nowMicros,
    })
    if (typeof interval === 'string') {
      refuse({ reason: 'interval', status: 'INVALID_ARGUMENT', message: interval })
      continue
    }
    const target = { project, seen: new Set<string>(), context }
    const refusal = writeOne({ index, series, point, interval }, target)
    if (!refusal) writtenTypes.add(metricType)
    else refuse({ reason: refusal.reason, status: refusal.status, message: refusal.message })
  }
  return { written: timeSeries.length - refusals.size, writtenTypes, refusals }
}
