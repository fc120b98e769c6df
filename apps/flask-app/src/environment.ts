import { type ProgramSpec, packageVersion } from '@node-to-cloud/command-line'
import { boolean, integer, number, port, telemetryEnvironment, text } from '@node-to-cloud/telemetry'

/** The environment of flask-app. */
export const ENVIRONMENT_SPEC = {
  ...telemetryEnvironment({ metricsPort: 9101 }),
  PORT: port({ default: 8080, help: 'Port of the service' }),
  WORKERS: integer({
    min: 1,
    max: 256,
    defaultText: 'the CPUs that the control group allows',
    help: 'Number of worker processes',
  }),
  CHAOS_TARGET_PERCENT: number({
    min: 0,
    max: 100,
    default: 0,
    help: 'Percentage of requests to abort',
  }),
  ENVIRONMENT: text({ maxLength: 255, default: 'staging', help: 'Value of the label environment' }),
  RELOAD_ON_SIGHUP: boolean({
    default: false,
    help: 'SIGHUP replaces the workers one by one instead of ending the service',
  }),
} as const

/** The command line of flask-app, which has no options of its own. */
export const PROGRAM = {
  name: 'flask-app',
  version: packageVersion(import.meta.url),
  summary: 'An HTTP service with one route, in one process per CPU, with metrics, traces and chaos',
  environment: ENVIRONMENT_SPEC,
} as const satisfies ProgramSpec
