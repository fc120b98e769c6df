import { boolean, integer, number, port, telemetryEnvironment, text } from '@node-to-cloud/telemetry'

/** The environment of flask-app. */
export const environmentSpec = {
  ...telemetryEnvironment({ metricsPort: 9101 }),
  PORT: port({ default: 8080 }),
  WORKERS: integer({ min: 1, max: 256 }),
  CHAOS_TARGET_PERCENT: number({ min: 0, max: 100, default: 0 }),
  ENVIRONMENT: text({ maxLength: 255, default: 'staging' }),
  RELOAD_ON_SIGHUP: boolean({ default: false }),
} as const
