/**
 * The preload module: `node --import @node-to-cloud/telemetry/instrumentation main.ts`.
 *
 * Starts tracing before the program's own modules load, as configured in the environment, and creates a CLIENT span for
 * each request of `fetch` and undici, with the W3C context propagated. The name and version of the service are those of
 * the program's package.json, or OTEL_SERVICE_NAME. `startTelemetry` continues what was started here. If traces are not
 * exported, nothing is loaded.
 */
import { EnvironmentError, readEnvironment } from '@node-to-cloud/command-line'
import { type TracingEnvironment, tracingEnvironment } from './process/telemetry-environment.ts'
import { resolveTraceDestination } from './tracing/destination.ts'

const environment = readTracingEnvironment()

if (environment !== undefined && resolveTraceDestination(environment).exporter !== 'none') {
  const { startProcessTracing } = await import('./tracing/process-tracing.ts')
  const { instrumentOutgoingRequests } = await import('./tracing/outgoing-requests.ts')
  const { programIdentity } = await import('./process/package-identity.ts')
  await startProcessTracing({ service: programIdentity(), environment })
  instrumentOutgoingRequests()
}

/** Ignores bad variables: the program knows all of its variables and reports the bad ones in one error. */
function readTracingEnvironment(): TracingEnvironment | undefined {
  try {
    return readEnvironment(tracingEnvironment)
  } catch (error) {
    if (error instanceof EnvironmentError) return undefined
    throw error
  }
}
