export { DEFAULT_REQUEST_METRICS, type FastifyTelemetryOptions, fastifyTelemetry } from './plugin.ts'
export { type RequestMetricsOptions, UNMATCHED_PATH } from './request-metrics.ts'
