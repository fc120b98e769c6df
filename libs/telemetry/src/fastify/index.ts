export {
  DEFAULT_REQUEST_LABELS,
  DEFAULT_REQUEST_METRICS,
  type RequestMetricsOptions,
  UNMATCHED_PATH,
} from '../http/request-metrics.ts'
export { type FastifyTelemetryOptions, fastifyTelemetry } from './plugin.ts'
