import { invalidArgument } from '../api/rpc-error.ts'
import type { FaultInjector } from '../faults/fault-injector.ts'
import type { LogWriter } from '../logging/log-writer.ts'
import type { MetricWriteObserver } from '../monitoring/metric-service.ts'
import { BucketLayouts } from '../monitoring/model/bucket-layout.ts'
import type { TimeSeriesMessage } from '../monitoring/model/messages.ts'
import type { MetricStore } from '../monitoring/store/metric-store.ts'
import { writePoints } from '../monitoring/write/write-points.ts'
import { timestampToMicros } from '../protos/timestamp.ts'
import type { NewRefusal, RefusalLog } from '../refusals/refusal-log.ts'
import type { TraceWriter } from '../trace/trace-writer.ts'
import { type ResourceMessage, textAttributes } from './any-value.ts'
import { Leniency } from './leniency.ts'
import type { ExportLogsServiceRequest } from './logs/log-messages.ts'
import { loggingResource } from './logs/logging-resource.ts'
import { entriesOfResource } from './logs/otlp-entries.ts'
import type { ExportMetricsServiceRequest, ResourceMetricsMessage } from './metrics/metric-messages.ts'
import { type MappedPoint, mapMetrics, type RejectedPoints } from './metrics/metric-series.ts'
import { prometheusTarget } from './metrics/prometheus-target.ts'
import { targetInfo } from './metrics/target-info.ts'
import { EXPORT_NAMES } from './otlp-names.ts'
import { type ExportTraceServiceRequest, spansOfResource } from './otlp-spans.ts'
import { projectOfResource } from './resource-project.ts'

/** The rejected parts of a request whose other parts were stored, with the reason. */
export interface PartialSuccess {
  readonly rejected: number
  readonly errorMessage: string
}

/** How to handle a request. */
export interface ExportOptions {
  /** Rejects what Google's Telemetry API rejects because of its resource's attributes. */
  readonly strict: boolean
}

export interface OtlpReceiverOptions {
  /** The project of resources without one. */
  readonly projectId: string
  readonly traceWriter: TraceWriter
  readonly logWriter: LogWriter
  readonly metrics: MetricStore
  readonly metricObserver: MetricWriteObserver
  readonly refusals: RefusalLog
  readonly faults: FaultInjector
  readonly nowMicros: () => number
}

interface Resource {
  readonly attributes: ReadonlyMap<string, string>
  readonly projectId: string
}

const MAX_REASONS = 10

/** Google's Telemetry API: stores the contents of OTLP requests of all transports. */
export class OtlpReceiver {
  readonly #options: OtlpReceiverOptions
  readonly #leniency: Leniency
  readonly #layouts = new BucketLayouts()

  constructor(options: OtlpReceiverOptions) {
    this.#options = options
    this.#leniency = new Leniency(options.refusals, options.nowMicros)
  }

  /** Throws INVALID_ARGUMENT if a resource has no project and `strict` requires one. */
  exportTraces({ resourceSpans }: ExportTraceServiceRequest, options: ExportOptions): PartialSuccess {
    const resources = this.#resourcesOf(resourceSpans, 'spans', options)
    return summed(
      resourceSpans.map((message, index) => {
        const { projectId } = resources[index] ?? this.#ownResource()
        const { rejectedSpans, errorMessage } = this.#options.traceWriter.writeOtlp(projectId, spansOfResource(message))
        return { rejected: rejectedSpans, reasons: errorMessage === '' ? [] : [errorMessage] }
      }),
    )
  }

  /** Throws INVALID_ARGUMENT if a resource has no project and `strict` requires one. */
  exportMetrics({ resourceMetrics }: ExportMetricsServiceRequest, options: ExportOptions): PartialSuccess {
    const resources = this.#resourcesOf(resourceMetrics, 'metrics', options)
    return summed(
      resourceMetrics.map((message, index) =>
        this.#writeMetrics(message, resources[index] ?? this.#ownResource(), options),
      ),
    )
  }

  /** Throws INVALID_ARGUMENT if a resource has no project and `strict` requires one. */
  exportLogs({ resourceLogs }: ExportLogsServiceRequest, options: ExportOptions): PartialSuccess {
    const resources = this.#resourcesOf(resourceLogs, 'log records', options)
    const { logWriter, nowMicros } = this.#options
    return summed(
      resourceLogs.map((message, index) => {
        const { attributes, projectId } = resources[index] ?? this.#ownResource()
        const { entries, rejected } = entriesOfResource(message, {
          projectId,
          attributes,
          resource: loggingResource(attributes, projectId),
          nowMicros: nowMicros(),
        })
        for (const { message: reason, logName } of rejected)
          logWriter.refuse({
            project: projectId,
            reason: 'log_entry',
            status: 'INVALID_ARGUMENT',
            message: reason,
            points: 1,
            subject: `entry of ${logName}`,
          })
        logWriter.write(projectId, entries)
        return { rejected: rejected.length, reasons: rejected.map((one) => one.message) }
      }),
    )
  }

  #writeMetrics(
    message: ResourceMetricsMessage,
    resource: Resource,
    { strict }: ExportOptions,
  ): { rejected: number; reasons: string[] } {
    const { projectId, attributes } = resource
    const target = prometheusTarget(attributes)
    const mapped = mapMetrics(message, { target: target.labels, projectId })
    const problem = target.problem
    if (problem !== undefined && strict && mapped.points.length > 0) {
      const metric = mapped.points[0]?.series[0]?.metric?.type ?? ''
      mapped.rejected.push({ metric, reason: 'labels', message: problem, points: mapped.points.length })
      mapped.points.length = 0
    } else if (problem !== undefined && mapped.points.length > 0) {
      this.#leniency.kept({ projectId, attributes, what: 'metrics', problem })
    }
    for (const rejected of mapped.rejected) this.#refuse(rejectedPoints(rejected, projectId))
    const refused = this.#writePoints(mapped.points, projectId)
    this.#writeTargetInfo(mapped.points, resource, target.labels)
    return {
      rejected: mapped.rejected.reduce((sum, { points }) => sum + points, refused.length),
      reasons: [...mapped.rejected, ...refused].map(({ message }) => message),
    }
  }

  /** Returns a rejection for each rejected data point. */
  #writePoints(points: readonly MappedPoint[], projectId: string): NewRefusal[] {
    const { metrics, metricObserver, faults, nowMicros } = this.#options
    const pointOf: number[] = []
    const timeSeries: TimeSeriesMessage[] = []
    for (const [index, { series }] of points.entries()) {
      for (const one of series) {
        pointOf.push(index)
        timeSeries.push(one)
      }
    }
    if (timeSeries.length === 0) return []
    const { written, writtenTypes, refusals } = writePoints(timeSeries, {
      projectId,
      store: metrics,
      layouts: this.#layouts,
      nowMicros: nowMicros(),
      writer: 'telemetry',
      seriesFault: () => faults.forSeries(EXPORT_NAMES.metrics),
    })
    if (written > 0) metricObserver.written(projectId, written, writtenTypes)
    const refused = new Map<number, NewRefusal>()
    for (const [index, refusal] of refusals) {
      this.#refuse(refusal)
      refused.set(pointOf[index] ?? 0, refusal)
    }
    return [...refused.values()]
  }

  /**
   * The point is not the caller's, so its rejection is not reported; one because of its rate isn't even listed, since
   * nothing is lost.
   */
  #writeTargetInfo(
    points: readonly MappedPoint[],
    { attributes, projectId }: Resource,
    target: ReturnType<typeof prometheusTarget>['labels'],
  ): void {
    const ends = points.flatMap(({ series }) => series.map((one) => one.points[0]?.interval?.endTime))
    const endMicros = Math.max(...ends.map((time) => (time ? timestampToMicros(time) : 0)), 0)
    const series = endMicros === 0 ? undefined : targetInfo(attributes, { target, endMicros })
    if (!series) return
    const { metrics, metricObserver, nowMicros } = this.#options
    const outcome = writePoints([series], {
      projectId,
      store: metrics,
      layouts: this.#layouts,
      nowMicros: nowMicros(),
      writer: 'telemetry',
    })
    if (outcome.written > 0) metricObserver.written(projectId, outcome.written, outcome.writtenTypes)
    for (const refusal of outcome.refusals.values()) if (refusal.reason === 'value_type') this.#refuse(refusal)
  }

  /** The resources of a request, in order. */
  #resourcesOf(
    messages: readonly { resource?: ResourceMessage | null }[],
    what: string,
    { strict }: ExportOptions,
  ): Resource[] {
    return messages.map(({ resource }) => {
      const attributes = textAttributes(resource?.attributes ?? [])
      const { projectId, problem } = projectOfResource(attributes, this.#options.projectId)
      if (problem !== undefined && strict) {
        this.#leniency.refused({ projectId, attributes, what, problem })
        throw invalidArgument(problem)
      }
      if (problem !== undefined) this.#leniency.kept({ projectId, attributes, what, problem })
      return { attributes, projectId }
    })
  }

  #ownResource(): Resource {
    return { attributes: new Map(), projectId: this.#options.projectId }
  }

  #refuse(refusal: NewRefusal): void {
    const { refusals, metricObserver, nowMicros } = this.#options
    refusals.add(refusal, nowMicros() / 1000)
    metricObserver.refused(refusal.project, refusal.reason, refusal.points)
  }
}

function rejectedPoints({ metric, reason, message, points }: RejectedPoints, project: string): NewRefusal {
  return { project, reason, status: 'INVALID_ARGUMENT', message, points, metricType: metric }
}

function summed(parts: readonly { rejected: number; reasons: readonly string[] }[]): PartialSuccess {
  const reasons = new Set(parts.flatMap((part) => part.reasons))
  return {
    rejected: parts.reduce((sum, part) => sum + part.rejected, 0),
    errorMessage: [...reasons].slice(0, MAX_REASONS).join('; '),
  }
}
