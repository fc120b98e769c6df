export { type FastifyTelemetryOptions, fastifyTelemetry } from './plugin.ts'
export { DEFAULT_REQUEST_METRICS, type RequestMetricsOptions, UNMATCHED_PATH } from './request-metrics.ts'
