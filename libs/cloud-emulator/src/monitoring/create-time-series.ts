import { int64ToBigInt } from '../protos/int64.ts'
import { timestampToMicros } from '../protos/timestamp.ts'
import type { Refusal } from '../refusals/refusal-log.ts'
import { fieldMessage, invalidField, RpcError, type StatusName } from '../rpc/status.ts'
import type { BucketLayouts } from './bucket-layout.ts'
import { checkInterval, type Interval } from './check-interval.ts'
import { checkOrder } from './check-order.ts'
import { type CheckedSeries, checkSeries, valueTypeOf } from './check-series.ts'
import { type CreateTimeSeriesRequest, METRIC_KINDS, type PointMessage, type TimeSeriesMessage } from './messages.ts'
import { autoCreatedDescriptor, withLabels } from './metric-descriptor.ts'
import type { MetricStore, ProjectMetrics } from './metric-store.ts'
import { partialError, type SeriesRefusal } from './partial-error.ts'
import { distributionValue, type PointValue } from './point-columns.ts'
import { projectOfName } from './resource-name.ts'
import { type NewPoint, Series, type SeriesIdentity, seriesKey } from './series.ts'
import { WRITE_LIMITS } from './write-limits.ts'

/** What a write did. `error` is the answer where anything was refused; the points of `written` are stored all the same. */
export interface WriteOutcome {
  readonly projectId: string
  readonly written: number
  readonly writtenTypes: ReadonlySet<string>
  readonly refusals: readonly Refusal[]
  readonly error?: RpcError
}

export interface WriteContext {
  readonly store: MetricStore
  readonly layouts: BucketLayouts
  readonly nowMicros: number
  /** A fault for the series of this index, instead of writing it. */
  readonly seriesFault?: (index: number) => { status: StatusName; message: string } | undefined
}

/**
 * Writes a CreateTimeSeries request: refuses the whole of it, or writes what can be written and says what can't, as
 * Cloud Monitoring does. Never throws for a bad request: the answer is in the outcome.
 */
export function createTimeSeries(request: CreateTimeSeriesRequest, context: WriteContext): WriteOutcome {
  let projectId = ''
  try {
    projectId = projectOfName(request.name)
    return writeSeries(request, projectId, context)
  } catch (error) {
    if (!(error instanceof RequestRefused) && !(error instanceof RpcError)) throw error
    const rpcError = error instanceof RequestRefused ? error.rpcError : error
    const reason = error instanceof RequestRefused ? error.reason : 'name'
    return {
      projectId,
      written: 0,
      writtenTypes: new Set(),
      refusals: request.timeSeries.slice(0, WRITE_LIMITS.seriesPerRequest).map((series, index, all) => ({
        ...describe(series, projectId),
        reason,
        status: rpcError.code,
        message: rpcError.message,
        points: index === all.length - 1 ? 1 + request.timeSeries.length - all.length : 1,
      })),
      error: rpcError,
    }
  }
}

/** The request is refused as a whole: nothing of it is written. */
class RequestRefused extends Error {
  readonly reason: string
  readonly rpcError: RpcError

  constructor(reason: string, rpcError: RpcError) {
    super(rpcError.message)
    this.reason = reason
    this.rpcError = rpcError
  }
}

function writeSeries(request: CreateTimeSeriesRequest, projectId: string, context: WriteContext): WriteOutcome {
  const { store, nowMicros } = context
  const intervals = checkRequest(request, store.projects.get(projectId), nowMicros)
  const project = store.project(projectId)
  const seen = new Set<string>()
  const refused: SeriesRefusal[] = []
  const writtenTypes = new Set<string>()

  for (const [index, series] of request.timeSeries.entries()) {
    const point = series.points[0]
    const interval = intervals[index]
    if (!point || !interval) throw new TypeError('a series without a point passed the checks')
    const refusal = writeOne({ series, point, interval, index, project, seen, context })
    if (refusal) refused.push(refusal)
    else writtenTypes.add(series.metric?.type ?? '')
  }

  const refusals = refused.map(({ index, reason, status, message }): Refusal => {
    const series = request.timeSeries[index]
    return { ...(series ? describe(series, projectId) : { project: projectId }), reason, status, message, points: 1 }
  })
  const written = request.timeSeries.length - refused.length
  const outcome: WriteOutcome = { projectId, written, writtenTypes, refusals }
  return refused.length === 0 ? outcome : { ...outcome, error: partialError(refused, request.timeSeries.length) }
}

/** The rules that refuse a whole request. Gives the checked interval of each series. */
function checkRequest(
  request: CreateTimeSeriesRequest,
  project: ProjectMetrics | undefined,
  nowMicros: number,
): Interval[] {
  const { timeSeries } = request
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
    const metricKind = METRIC_KINDS[series.metricKind] ?? 'METRIC_KIND_UNSPECIFIED'
    const interval = checkInterval(point.interval, {
      field: `${field}.points[0].interval`,
      metricKind:
        metricKind === 'METRIC_KIND_UNSPECIFIED'
          ? (project?.descriptors.get(metricType)?.metricKind ?? 'GAUGE')
          : metricKind,
      metricType,
      nowMicros,
    })
    if (typeof interval === 'string') throw new RequestRefused('interval', new RpcError('INVALID_ARGUMENT', interval))
    return interval
  })
}

function writeOne(options: {
  series: TimeSeriesMessage
  point: PointMessage
  interval: Interval
  index: number
  project: ProjectMetrics
  seen: Set<string>
  context: WriteContext
}): SeriesRefusal | undefined {
  const { series, point, interval, index, project, seen, context } = options
  const { store, nowMicros } = context
  const field = `timeSeries[${index}]`
  const refuse = (reason: string, message: string, status: StatusName = 'INVALID_ARGUMENT'): SeriesRefusal => ({
    index,
    reason,
    status,
    message,
  })

  const fault = context.seriesFault?.(index)
  if (fault) return refuse('fault', fault.message, fault.status)
  const descriptor = project.descriptors.get(series.metric?.type ?? '')
  const checked = checkSeries(series, { field, descriptor, projectId: project.projectId })
  if ('reason' in checked) return refuse(checked.reason, checked.message)
  const key = seriesKey(checked)
  if (seen.has(key)) {
    const reason = 'Duplicate TimeSeries encountered. Only one point can be written per TimeSeries per request.'
    return refuse('duplicate', fieldMessage(field, undefined, reason))
  }
  seen.add(key)

  const known = project.seriesByKey.get(key)
  const { lastStartMicros, lastEndMicros } = known?.points ?? {}
  if (lastStartMicros !== undefined && lastEndMicros !== undefined) {
    const problem = checkOrder(interval, { startMicros: lastStartMicros, endMicros: lastEndMicros }, checked.metricKind)
    if (problem) {
      const status = problem.reason === 'rate' ? 'FAILED_PRECONDITION' : 'INVALID_ARGUMENT'
      return { ...refuse(problem.reason, problem.message, status), resource: resourceText(checked) }
    }
  }

  const problem = describeType(project, checked, { unit: series.unit ?? '', field })
  if (problem) return refuse(problem.reason, problem.message, problem.status)
  let target = known
  if (!target) {
    target = new Series(checked, {
      key,
      metricKind: checked.metricKind,
      valueType: checked.valueType,
      pages: store.pages,
    })
    store.addSeries(project, target)
  }
  store.append(project, target, newPoint(point, interval, context.layouts), nowMicros)
  return undefined
}

/** Creates the descriptor of a new type, or adds labels that are new to a known one; both within their limits. */
function describeType(
  project: ProjectMetrics,
  checked: CheckedSeries,
  options: { unit: string; field: string },
): { reason: string; message: string; status: StatusName } | undefined {
  const { metricType: type, metricLabels: labels, metricKind, valueType } = checked
  const descriptor = project.descriptors.get(type)
  if (!descriptor) {
    if (project.descriptors.size >= WRITE_LIMITS.descriptorsPerProject) {
      const message = `The project has ${WRITE_LIMITS.descriptorsPerProject} metric descriptors, which is the limit; ${type} was not created.`
      return { reason: 'descriptors', message, status: 'RESOURCE_EXHAUSTED' }
    }
    project.descriptors.set(type, autoCreatedDescriptor({ type, labels, metricKind, valueType, unit: options.unit }))
    return undefined
  }
  const extended = withLabels(descriptor, labels)
  if (extended === descriptor) return undefined
  if (extended.labels.length > WRITE_LIMITS.labelsPerDescriptor) {
    const reason = `The descriptor of ${type} would have ${extended.labels.length} labels; at most ${WRITE_LIMITS.labelsPerDescriptor} are allowed.`
    return {
      reason: 'labels',
      message: fieldMessage(`${options.field}.metric.labels`, undefined, reason),
      status: 'INVALID_ARGUMENT',
    }
  }
  project.descriptors.set(type, extended)
  return undefined
}

function newPoint(point: PointMessage, interval: Interval, layouts: BucketLayouts): NewPoint {
  const distribution = point.value?.value === 'distributionValue' ? point.value.distributionValue : undefined
  return {
    ...interval,
    value: distribution ? distributionValue(distribution, layouts.of(distribution.bucketOptions)) : scalarValue(point),
    exemplars: distribution?.exemplars ?? [],
  }
}

function scalarValue(point: PointMessage): PointValue {
  const value = point.value ?? {}
  if (value.value === 'int64Value') return int64ToBigInt(value.int64Value ?? 0)
  if (value.value === 'boolValue') return value.boolValue === true
  return value.doubleValue ?? 0
}

function resourceText(identity: SeriesIdentity): string {
  const labels = Object.entries(identity.resourceLabels).filter(([key]) => key !== 'project_id')
  return `${identity.resourceType}{${labels.map(([key, value]) => `${key}:${value}`).join(',')}}`
}

function describe(series: TimeSeriesMessage, project: string) {
  const point = series.points[0]
  const valueType = point && valueTypeOf(point)
  return {
    project,
    metricType: series.metric?.type ?? '',
    metricLabels: series.metric?.labels ?? {},
    resourceType: series.resource?.type ?? '',
    resourceLabels: series.resource?.labels ?? {},
    metricKind: METRIC_KINDS[series.metricKind] ?? String(series.metricKind),
    ...(valueType === undefined ? {} : { valueType }),
    ...(point ? { point: describePoint(point) } : {}),
  }
}

function describePoint(point: PointMessage): NonNullable<Refusal['point']> {
  const milliseconds = (time: 'startTime' | 'endTime'): number | null => {
    const timestamp = point.interval?.[time]
    return timestamp ? timestampToMicros(timestamp) / 1000 : null
  }
  const value = point.value ?? {}
  const distribution = value.value === 'distributionValue' ? value.distributionValue : undefined
  return {
    startMs: milliseconds('startTime'),
    endMs: milliseconds('endTime'),
    value: distribution
      ? { count: Number(int64ToBigInt(distribution.count)), mean: distribution.mean }
      : value.stringValue || jsonScalar(scalarValue(point)),
  }
}

function jsonScalar(value: PointValue): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
