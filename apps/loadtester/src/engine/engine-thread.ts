import { performance } from 'node:perf_hooks'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '@node-to-cloud/command-line'
import { createShutdown, readEnvironment, startTelemetry, telemetryEnvironment } from '@node-to-cloud/telemetry'
import { loadArtilleryCore, suggestedExitCode } from '../artillery/core.ts'
import { errorCodeOf, tracebackOf } from '../flow/error-code.ts'
import { runScriptHook } from '../flow/script-hook.ts'
import { localNow } from '../protocol/fleet-clock.ts'
import { encodeTally, type TallyData } from '../results/tally-codec.ts'
import { type LoadScript, readScript } from '../script/script.ts'
import { ScriptError } from '../script/script-error.ts'
import type { EngineCommand, EngineEvent, EngineScript, EngineThreadOptions } from './engine-messages.ts'
import { LoadGenerator } from './load-generator.ts'
import { Recorder } from './recorder.ts'
import { createSpanDeltas } from './span-deltas.ts'
import { createRequestTracer } from './tracing.ts'

/** How often counts are reported; a second is a whole number of these intervals. */
const REPORT_INTERVAL_MS = 250
/** A timer that fires this early still reports the interval it was set for. */
const TIMER_TOLERANCE_MS = 10
/** How long the end of the thread waits for its last spans to be exported. */
const TRACE_FLUSH_MS = 1000

/** Error codes of requests in flight when the run is stopped, or when the engine crashes. */
const IN_FLIGHT_AT_STOP = 'ERR_IN_FLIGHT_AT_STOP'
const ENGINE_CRASHED = 'ERR_ENGINE_CRASHED'

const port = parentPort
if (port === null) throw new Error('the engine runs in a worker thread')
const options = workerData as EngineThreadOptions
const { httpEngine, allowedOrigins } = options

// Signals are handled by the process, which stops the run and with it this thread.
const environment = readEnvironment(telemetryEnvironment({ metricsPort: 0 }))
const telemetry = await startTelemetry({
  service: { name: 'loadtester', version: options.version },
  environment,
  shutdown: createShutdown({ signals: [], exit: (code) => process.exit(code) }),
  role: 'worker',
})
const recorder = new Recorder({
  trace: createRequestTracer(telemetry.tracing, environment),
  maximumSeries: options.maximumSeries,
  suggestedExitCode,
})
const takeSpanDeltas = createSpanDeltas(telemetry.tracing.counts)
let clockOffsetMs = 0
let epoch = 0
let generator: LoadGenerator | undefined
let reportTimer: NodeJS.Timeout | undefined
let lastUtilization = performance.eventLoopUtilization()
let windowMs = 0
let isStopping = false

const now = (): number => localNow() + clockOffsetMs
const send = (event: EngineEvent<TallyData>): void => port.postMessage(event)

// An exception that a script's function throws outside a request ends the engine, but not before it reports its counts.
process.on('uncaughtException', (error) => {
  isStopping = true
  generator?.stop()
  if (reportTimer !== undefined) {
    recorder.abandonOpenRequests(ENGINE_CRASHED)
    recorder.usersCrashed(generator?.active ?? 0, {
      reason: errorCodeOf(error),
      byRequest: false,
      traceback: tracebackOf(error),
    })
    report(false)
  }
  fail(error)
  process.exit(1)
})

port.on('message', (command: EngineCommand) => {
  switch (command.type) {
    case 'prepare':
      prepare(command).catch(fail)
      return
    case 'hook':
      runHook(command).catch(fail)
      return
    case 'clock':
      clockOffsetMs = command.offsetMs
      if (command.sentMs !== undefined) generator?.resume(command.sentMs + clockOffsetMs)
      return
    case 'setpoint':
      if (isStopping) return
      epoch = command.setpoint.epoch
      generator?.follow(command.setpoint)
      if (reportTimer === undefined) {
        lastUtilization = performance.eventLoopUtilization()
        scheduleReport()
      }
      return
    case 'fence':
      send({
        type: 'fenced',
        number: command.number,
        untilMs: generator?.fence(command.startMs) ?? command.startMs,
      })
      return
    case 'unfence':
      generator?.unfence()
      return
    case 'wait':
      generator?.wait()
      return
    case 'goOn':
      generator?.goOn()
      return
    case 'stop':
      void stop(command.graceMs, command.drainMs)
  }
})
await loadArtilleryCore()
send({ type: 'online' })

async function prepare(command: EngineCommand & { type: 'prepare' }): Promise<void> {
  const { runId, variables } = command
  const script = await readSameScript(command)
  const { workerId } = options
  generator = await LoadGenerator.create(script, recorder, {
    ...{ now, workerId, testId: runId, httpEngine, allowedOrigins, variables },
    onSuspended: () => send({ type: 'suspended' }),
  })
  send({ type: 'prepared', runId })
}

async function runHook(command: EngineCommand & { type: 'hook' }): Promise<void> {
  const { hook, runId, variables } = command
  const script = await readSameScript(command)
  const set = await runScriptHook(hook, script, { testId: runId, httpEngine, allowedOrigins, variables })
  send({ type: 'hookEnded', variables: set })
}

/** @throws ScriptError if the script can't be used or differs from the master's. */
async function readSameScript({
  runId,
  path,
  target,
  environment,
  settings,
  digest,
}: EngineScript): Promise<LoadScript> {
  const script = await readScript(path, { ...settings, target, environment, testId: runId })
  if (digest !== undefined && script.digest !== digest) {
    throw new ScriptError(
      `${script.name} differs from the file on the master (SHA-256 ${script.digest.slice(0, 12)}… here, ${digest.slice(0, 12)}… there)`,
    )
  }
  return script
}

function fail(error: unknown): void {
  const field = error instanceof ScriptError ? error.field : undefined
  send({ type: 'failed', message: messageOf(error), field })
}

/** Reports at every quarter of a second on the fleet's clock, so that no report spans two seconds. */
function scheduleReport(): void {
  const reachedMs = now() + TIMER_TOLERANCE_MS
  windowMs = Math.floor(reachedMs / 1000) * 1000
  const dueMs = (Math.floor(reachedMs / REPORT_INTERVAL_MS) + 1) * REPORT_INTERVAL_MS
  reportTimer = setTimeout(() => {
    report(false)
    scheduleReport()
  }, dueMs - now())
}

function report(final: boolean): void {
  const current = performance.eventLoopUtilization()
  const { utilization } = performance.eventLoopUtilization(current, lastUtilization)
  lastUtilization = current
  const tally = encodeTally(recorder.take())
  const users = generator?.users ?? 0
  const { inFlight } = recorder
  const scenarios = generator?.activeByScenario ?? []
  send({ type: 'report', final, epoch, windowMs, untilMs: now(), tally, users, scenarios, inFlight, utilization })
  reportSpans()
}

function reportSpans(): void {
  const deltas = takeSpanDeltas()
  if (deltas !== undefined) send({ type: 'spans', deltas })
}

async function stop(graceMs: number, drainMs: number): Promise<void> {
  if (isStopping) return
  isStopping = true
  generator?.stopArrivals()
  const drainedBy = performance.now() + drainMs
  while ((generator?.active ?? 0) > 0 && performance.now() < drainedBy)
    await new Promise((resolve) => setTimeout(resolve, 5))
  generator?.stop()
  const deadline = performance.now() + graceMs
  while (recorder.inFlight > 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5))
  clearTimeout(reportTimer)
  recorder.abandonOpenRequests(IN_FLIGHT_AT_STOP)
  recorder.usersCut(generator?.active ?? 0)
  if (windowMs === 0) windowMs = Math.floor(now() / 1000) * 1000
  report(true)
  await Promise.race([telemetry.tracing.shutdown(), new Promise((resolve) => setTimeout(resolve, TRACE_FLUSH_MS))])
  reportSpans()
  process.exit()
}
