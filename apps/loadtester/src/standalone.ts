import { Counter, Gauge, Histogram, startTelemetry } from '@node-to-cloud/telemetry'
import type { RequestEnd } from './artillery/http-requests.ts'
import { readScript } from './artillery/script.ts'
import type { LoadtesterEnvironment } from './environment.ts'
import { LoadProfile } from './load/profile.ts'
import { durationBuckets } from './results/series-tally.ts'
import { LoadGenerator } from './worker/load-generator.ts'
import { type OpenRequest, Recorder } from './worker/recorder.ts'
import { createRequestTracer } from './worker/tracing.ts'

/** Runs the load tester in one process until a signal ends it. */
export async function runStandalone(environment: LoadtesterEnvironment, version: string): Promise<void> {
  const telemetry = await startTelemetry({ service: { name: 'loadtester', version }, environment })
  const { logger, shutdown, registry } = telemetry
  const script = await readScript(environment.LOAD_SCRIPT, { target: environment.TARGET_HOST })
  const requests = new Counter({
    name: 'loadtester_requests_total',
    help: 'Requests that ended, by method, name in the script and status (0: no response).',
    labelNames: ['method', 'name', 'status'],
    registers: [registry],
  })
  const durations = new Histogram({
    name: 'loadtester_request_duration_seconds',
    help: 'Service time of requests: sent until the last byte of the response.',
    labelNames: ['method', 'name'],
    buckets: [...durationBuckets],
    registers: [registry],
  })
  const recorder = new (class extends Recorder {
    override requestEnded(request: OpenRequest, end: RequestEnd): void {
      super.requestEnded(request, end)
      requests.inc({ ...request.series, status: end.status ?? 0 })
      durations.observe({ ...request.series }, end.durationMs / 1000)
    }
  })({ trace: createRequestTracer(telemetry.tracing, script.target) })
  const now = (): number => performance.timeOrigin + performance.now()
  const generator = await LoadGenerator.create(script, recorder, { now, maximumUsers: 10_000 })
  new Gauge({
    name: 'loadtester_users',
    help: 'Virtual users that run now.',
    registers: [registry],
    collect() {
      this.set(generator.users)
    },
  })
  shutdown.onBegin(() => generator.stop())
  const rate = environment.LOAD_RATE ?? script.plan?.profile.levelAt(0) ?? 1
  if (environment.LOAD_AUTOSTART) {
    generator.follow({
      profile: LoadProfile.constant(rate),
      share: { weights: [1], worker: 0 },
      startMs: now(),
      firstPosition: 0,
    })
    logger.info(
      { target: script.target, script: script.path, rate },
      `${rate} arrivals a second go to ${script.target}, by ${script.name}.`,
    )
  } else {
    logger.info(`No load is made: LOAD_AUTOSTART=true starts it.`)
  }
  telemetry.setReady()
}
