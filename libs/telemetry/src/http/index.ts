export { type HttpTelemetryOptions, httpTelemetry, recordError, setRoute } from './http-telemetry.ts'
export {
  DEFAULT_REQUEST_LABELS,
  DEFAULT_REQUEST_METRICS,
  type RequestMetricsOptions,
  UNMATCHED_PATH,
} from './request-metrics.ts'
