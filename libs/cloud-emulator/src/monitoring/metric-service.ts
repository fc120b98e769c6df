import { handler, type Service } from '../api/service.ts'
import type { FaultInjector } from '../faults/fault-injector.ts'
import type { RefusalLog } from '../refusals/refusal-log.ts'
import type { MetricWriter } from './descriptors/check-names.ts'
import {
  createMetricDescriptor,
  deleteMetricDescriptor,
  getMetricDescriptor,
  listMetricDescriptors,
} from './descriptors/metric-descriptor-methods.ts'
import {
  getMonitoredResourceDescriptor,
  listMonitoredResourceDescriptors,
} from './descriptors/monitored-resource-methods.ts'
import { BucketLayouts } from './model/bucket-layout.ts'
import type { CreateTimeSeriesRequest } from './model/messages.ts'
import { listTimeSeries } from './read/list-time-series.ts'
import type { MetricStore } from './store/metric-store.ts'
import { createTimeSeries } from './write/create-time-series.ts'

/** Notified of each write: the stored points and their types, and the rejected points by reason. */
export interface MetricWriteObserver {
  written(projectId: string, points: number, types: ReadonlySet<string>): void
  refused(projectId: string, reason: string, points: number): void
}

export interface MetricServiceOptions {
  readonly store: MetricStore
  readonly refusals: RefusalLog
  readonly faults: FaultInjector
  readonly observer: MetricWriteObserver
  readonly nowMicros: () => number
}

/** Cloud Monitoring's `google.monitoring.v3.MetricService`. */
export function metricService(options: MetricServiceOptions): Service {
  const { store, refusals, faults, observer, nowMicros } = options
  const layouts = new BucketLayouts()
  const write = (writer: MetricWriter) =>
    handler<CreateTimeSeriesRequest>((request, { method }) => {
      const outcome = createTimeSeries(request, {
        writer,
        store,
        layouts,
        nowMicros: nowMicros(),
        seriesFault: () => faults.forSeries(method),
      })
      const { projectId, written, writtenTypes, error } = outcome
      if (written > 0) observer.written(projectId, written, writtenTypes)
      for (const refusal of outcome.refusals) {
        refusals.add(refusal, nowMicros() / 1000)
        observer.refused(projectId, refusal.reason, refusal.points)
      }
      if (error) throw error
      return {}
    })
  return {
    name: 'google.monitoring.v3.MetricService',
    handlers: {
      CreateTimeSeries: write('user'),
      CreateServiceTimeSeries: write('service'),
      ListTimeSeries: handler((request: Parameters<typeof listTimeSeries>[0]) => listTimeSeries(request, { store })),
      ListMetricDescriptors: handler((request: Parameters<typeof listMetricDescriptors>[0]) =>
        listMetricDescriptors(request, { store, nowMicros: nowMicros() }),
      ),
      GetMetricDescriptor: handler((request: { name: string }) => getMetricDescriptor(request, { store })),
      CreateMetricDescriptor: handler((request: Parameters<typeof createMetricDescriptor>[0]) =>
        createMetricDescriptor(request, { store }),
      ),
      DeleteMetricDescriptor: handler((request: { name: string }) => deleteMetricDescriptor(request, { store })),
      ListMonitoredResourceDescriptors: handler(listMonitoredResourceDescriptors),
      GetMonitoredResourceDescriptor: handler(getMonitoredResourceDescriptor),
    },
  }
}
