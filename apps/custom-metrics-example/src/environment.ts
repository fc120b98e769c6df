import { type ProgramSpec, packageVersion } from '@node-to-cloud/command-line'
import { telemetryEnvironment, text } from '@node-to-cloud/telemetry'

/** The environment of custom-metrics-example. */
export const ENVIRONMENT_SPEC = {
  ...telemetryEnvironment({ metricsPort: 9102 }),
  ENVIRONMENT: text({ maxLength: 255, default: 'staging', help: 'Value of the label environment' }),
} as const

/** The command line of custom-metrics-example, which has no options of its own. */
export const PROGRAM = {
  name: 'custom-metrics-example',
  version: packageVersion(import.meta.url),
  summary: 'A process that emits one custom metric',
  environment: ENVIRONMENT_SPEC,
} as const satisfies ProgramSpec
