import { telemetryEnvironment, text } from '@node-to-cloud/telemetry'

/** The environment of custom-metrics-example. */
export const environmentSpec = {
  ...telemetryEnvironment({ metricsPort: 9102 }),
  ENVIRONMENT: text({ maxLength: 255, default: 'staging' }),
} as const
