/**
 * The preload module: `node --import @node-to-cloud/telemetry/instrumentation main.ts`.
 *
 * Starts tracing from the environment before the program's own modules load, and makes a CLIENT span of each request of `fetch` and undici, with
 * the W3C context passed on. The service's name and version are those of the program's package.json, or OTEL_SERVICE_NAME. `startTelemetry` takes
 * over what was started here. Where traces go nowhere it loads nothing.
 */
import { EnvironmentError, readEnvironment } from './process/environment.ts'
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

/** A bad environment is the program's to tell: it knows all of its variables, and names them in one error. */
function readTracingEnvironment(): TracingEnvironment | undefined {
  try {
    return readEnvironment(tracingEnvironment)
  } catch (error) {
    if (error instanceof EnvironmentError) return undefined
    throw error
  }
}
