import type { AlertingView } from './alerting.ts'
import type { ChartResponse } from './charts.ts'
import type { LogList, LogListParameters } from './logs.ts'
import type { LabelValues, MetricList } from './metrics.ts'
import type { PromqlWords } from './promql.ts'
import type { RefusalList } from './refusals.ts'
import type { Summary } from './summary.ts'
import type { ServiceMap, Trace, TraceList, TraceListParameters } from './traces.ts'

/** The responses of the emulator's own endpoints, by path. */
export interface Answers {
  '/api/summary': Summary
  '/api/metrics': MetricList
  '/api/labels': LabelValues
  '/api/refusals': RefusalList
  '/api/traces': TraceList
  '/api/traces/:traceId': Trace
  '/api/service-map': ServiceMap
  '/api/alerting': AlertingView
  '/api/logs': LogList
  '/api/query': ChartResponse
  '/api/promql/words': PromqlWords
}

/** The parameters of the endpoints, by path. Each endpoint also accepts `project`. */
export interface Parameters {
  '/api/summary': Record<never, never>
  '/api/metrics': Record<never, never>
  '/api/labels': { readonly type?: string }
  '/api/refusals': { readonly after?: number; readonly limit?: number }
  '/api/traces': TraceListParameters
  '/api/traces/:traceId': Record<never, never>
  '/api/service-map': Pick<TraceListParameters, 'start' | 'end'>
  '/api/alerting': Record<never, never>
  '/api/logs': LogListParameters
  '/api/promql/words': Record<never, never>
  '/api/events': Record<never, never>
}

/** Parameters as they are written in a URL. */
export type InUrl<P> = { readonly [Name in keyof P | 'project']?: string | string[] }
