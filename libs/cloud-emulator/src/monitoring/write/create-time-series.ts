import { projectOfName } from '../../api/resource-name.ts'
import { fieldMessage, invalidField, RpcError } from '../../api/rpc-error.ts'
import type { StatusName } from '../../contract/status.ts'
import { DEFAULT_QUOTAS } from '../../quotas/quotas.ts'
import type { NewRefusal } from '../../refusals/refusal-log.ts'
import type { MetricWriter } from '../descriptors/check-names.ts'
import { googleMetric } from '../descriptors/google-metrics.ts'
import type { BucketLayouts } from '../model/bucket-layout.ts'
import {
  type CreateTimeSeriesRequest,
  METRIC_KINDS,
  type PointMessage,
  type TimeSeriesMessage,
} from '../model/messages.ts'
import { autoCreatedDescriptor, withLabels } from '../model/metric-descriptor.ts'
import { maxLabels, WRITE_LIMITS } from '../model/write-limits.ts'
import type { MetricStore, ProjectMetrics } from '../store/metric-store.ts'
import { Series, type SeriesIdentity } from '../store/series.ts'
import { checkInterval, type Interval } from './check-interval.ts'
import { checkOrder } from './check-order.ts'
import { type CheckedSeries, checkSeries } from './check-series.ts'
import { newPoint } from './new-point.ts'
import { partialError, type SeriesRefusal } from './partial-error.ts'
import { refusedSeries } from './refused-series.ts'

/** The outcome of a write. `error` is the response if anything was rejected; the rest is written nevertheless. */
export interface WriteOutcome {
  /** Empty if the request has no valid project. */
  readonly projectId: string
  /** The number of points written. */
  readonly written: number
  readonly writtenTypes: ReadonlySet<string>
  readonly refusals: readonly NewRefusal[]
  readonly error?: RpcError
}

export interface WriteContext {
  readonly store: MetricStore
  readonly layouts: BucketLayouts
  readonly nowMicros: number
  /** Default: `user`. */
  readonly writer?: MetricWriter
  /** The fault that rejects the next series, if any. */
  readonly seriesFault?: () => { status: StatusName; message: string } | undefined
}

/** Rejects the whole request: nothing is written. */
class RequestRefused extends Error {
  readonly reason: string
  readonly rpcError: RpcError

  constructor(reason: string, rpcError: RpcError) {
    super(rpcError.message)
    this.reason = reason
    this.rpcError = rpcError
  }
}

/**
 * Executes CreateTimeSeries as Cloud Monitoring does: rejects the whole request, or writes every valid series and
 * reports why the others are invalid. Never throws for an invalid request: the response is in the outcome.
 */
export function createTimeSeries(request: CreateTimeSeriesRequest, context: WriteContext): WriteOutcome {
  let projectId = ''
  try {
    projectId = projectOfName(request.name)
    return writeSeries(request, projectId, context)
  } catch (error) {
    if (error instanceof RequestRefused) return refuseRequest(request, projectId, error.reason, error.rpcError)
    if (error instanceof RpcError) return refuseRequest(request, projectId, 'name', error)
    throw error
  }
}

function refuseRequest(
  { timeSeries }: CreateTimeSeriesRequest,
  projectId: string,
  reason: string,
  error: RpcError,
): WriteOutcome {
  const logged = timeSeries.slice(0, WRITE_LIMITS.seriesPerRequest)
  const more = timeSeries.length - logged.length
  const refusals = logged.map((series, index) => ({
    ...refusedSeries(series, projectId),
    reason,
    status: error.code,
    message: error.message,
    points: index === logged.length - 1 ? 1 + more : 1,
  }))
  return { projectId, written: 0, writtenTypes: new Set(), refusals, error }
}

function writeSeries(request: CreateTimeSeriesRequest, projectId: string, context: WriteContext): WriteOutcome {
  const { timeSeries } = request
  const { store, nowMicros } = context
  const checked = checkRequest(timeSeries, store.projects.get(projectId), nowMicros)
  const project = store.project(projectId)
  const target = { project, seen: new Set<string>(), context }
  const refused: SeriesRefusal[] = []
  const refusals: NewRefusal[] = []
  const writtenTypes = new Set<string>()
  for (const one of checked) {
    const refusal = writeOne(one, target)
    if (!refusal) {
      writtenTypes.add(one.series.metric?.type ?? '')
      continue
    }
    const { reason, status, message } = refusal
    refused.push(refusal)
    refusals.push({ ...refusedSeries(one.series, projectId), reason, status, message, points: 1 })
  }
  return {
    projectId,
    written: timeSeries.length - refused.length,
    writtenTypes,
    refusals,
    ...(refused.length === 0 ? {} : { error: partialError(refused, timeSeries.length) }),
  }
}

export interface SeriesToWrite {
  readonly index: number
  readonly series: TimeSeriesMessage
  readonly point: PointMessage
  readonly interval: Interval
}

/** Checks the rules whose violation rejects the whole request. */
function checkRequest(
  timeSeries: readonly TimeSeriesMessage[],
  project: ProjectMetrics | undefined,
  nowMicros: number,
): SeriesToWrite[] {
  if (timeSeries.length === 0) {
    throw new RequestRefused('request', invalidField('timeSeries', undefined, 'At least one TimeSeries must be given.'))
  }
  if (timeSeries.length > WRITE_LIMITS.seriesPerRequest) {
    const reason = `A maximum of ${WRITE_LIMITS.seriesPerRequest} TimeSeries can be written in a single request.`
    throw new RequestRefused('request', invalidField('timeSeries', undefined, reason))
  }
  return timeSeries.map((series, index) => {
    const field = `timeSeries[${index}]`
    const point = series.points[0]
    if (!point || series.points.length > 1) {
      const reason = `Exactly one point must be written per TimeSeries per request, but there are ${series.points.length}.`
      throw new RequestRefused('points', invalidField(`${field}.points`, undefined, reason))
    }
    const metricType = series.metric?.type ?? ''
    const declared = METRIC_KINDS[series.metricKind] ?? 'METRIC_KIND_UNSPECIFIED'
    const known = (project?.descriptors.get(metricType) ?? googleMetric(metricType))?.metricKind ?? 'GAUGE'
    const metricKind = declared === 'METRIC_KIND_UNSPECIFIED' ? known : declared
    const interval = checkInterval(point.interval, {
      field: `${field}.points[0].interval`,
      metricKind,
      metricType,
      nowMicros,
    })
    if (typeof interval === 'string') throw new RequestRefused('interval', new RpcError('INVALID_ARGUMENT', interval))
    return { index, series, point, interval }
  })
}

/**
 * Writes a series with a valid interval, unless it breaks another rule, which the rejection then names. `seen` has the
 * keys of the series that the same request has written.
 */
export function writeOne(
  { index, series, point, interval }: SeriesToWrite,
  { project, seen, context }: { project: ProjectMetrics; seen: Set<string>; context: WriteContext },
): SeriesRefusal | undefined {
  const { store, nowMicros } = context
  const { quotas = DEFAULT_QUOTAS } = store.limits
  const field = `timeSeries[${index}]`
  const refuse = (reason: string, message: string, status: StatusName = 'INVALID_ARGUMENT'): SeriesRefusal => ({
    index,
    reason,
    status,
    message,
  })
  const fault = context.seriesFault?.()
  if (fault) return refuse('fault', fault.message, fault.status)
  const metricType = series.metric?.type ?? ''
  const descriptor = project.descriptors.get(metricType) ?? googleMetric(metricType)
  const checked = checkSeries(series, {
    field,
    descriptor,
    projectId: project.projectId,
    writer: context.writer ?? 'user',
  })
  if ('reason' in checked) return refuse(checked.reason, checked.message)
  const { identity } = checked
  const { key } = identity
  if (seen.has(key)) {
    const reason = 'Duplicate TimeSeries encountered. Only one point can be written per TimeSeries per request.'
    return refuse('duplicate', fieldMessage(field, undefined, reason))
  }
  seen.add(key)
  let target = project.seriesByKey.get(key)
  const orderProblem = target && checkOrder(interval, target.points, checked.metricKind, quotas.samplingPeriodMicros)
  if (orderProblem) {
    const status = orderProblem.reason === 'rate' ? 'FAILED_PRECONDITION' : 'INVALID_ARGUMENT'
    return { ...refuse(orderProblem.reason, orderProblem.message, status), resource: resourceText(identity) }
  }
  if (!target && project.seriesOfResource(identity.resourceType) >= quotas.activeSeries)
    return refuse('quota', tooManySeries(identity.resourceType, quotas.activeSeries), 'RESOURCE_EXHAUSTED')
  const problem = updateDescriptor(project, checked, { unit: series.unit ?? '', field })
  if (problem) return refuse(problem.reason, problem.message, problem.status)
  if (!target) {
    const { metricKind, valueType } = checked
    target = new Series(identity, { key, metricKind, valueType, pages: store.pages })
    store.addSeries(project, target)
  }
  store.append(project, target, newPoint(point, interval, context.layouts), nowMicros)
  return undefined
}

/** Creates the descriptor of a new type, or adds new labels to an existing one; both within the limits. */
function updateDescriptor(
  project: ProjectMetrics,
  checked: CheckedSeries,
  options: { unit: string; field: string },
): { reason: string; message: string; status: StatusName } | undefined {
  const { identity, metricKind, valueType } = checked
  const { metricType: type, metricLabels: labels } = identity
  const descriptor = project.descriptors.get(type)
  if (descriptor && descriptor === identity.described) return undefined
  if (!descriptor) {
    if (project.descriptors.size >= WRITE_LIMITS.descriptorsPerProject) {
      const message = `The project has ${WRITE_LIMITS.descriptorsPerProject} metric descriptors, which is the limit; ${type} was not created.`
      return { reason: 'descriptors', message, status: 'RESOURCE_EXHAUSTED' }
    }
    const known = googleMetric(type)
    project.descriptors.set(
      type,
      known
        ? withLabels(known, labels)
        : autoCreatedDescriptor({ type, labels, metricKind, valueType, unit: options.unit }),
    )
    return undefined
  }
  const extended = withLabels(descriptor, labels)
  if (extended === descriptor) {
    identity.described = descriptor
    return undefined
  }
  if (extended.labels.length > maxLabels(type)) {
    const reason = `The descriptor of ${type} would have ${extended.labels.length} labels; at most ${maxLabels(type)} are allowed.`
    const message = fieldMessage(`${options.field}.metric.labels`, undefined, reason)
    return { reason: 'labels', message, status: 'INVALID_ARGUMENT' }
  }
  project.descriptors.set(type, extended)
  return undefined
}

function tooManySeries(resourceType: string, limit: number): string {
  return `The project has ${limit} active time series of the monitored resource ${resourceType}, which is the limit; no further one was created.`
}

/** The format of monitored resources in the API's messages. */
function resourceText(identity: SeriesIdentity): string {
  const labels = Object.entries(identity.resourceLabels).filter(([key]) => key !== 'project_id')
  return `${identity.resourceType}{${labels.map(([key, value]) => `${key}:${value}`).join(',')}}`
}
