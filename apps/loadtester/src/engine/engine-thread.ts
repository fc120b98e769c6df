import { performance } from 'node:perf_hooks'
import { parentPort, workerData } from 'node:worker_threads'
import { createShutdown, readEnvironment, startTelemetry, telemetryEnvironment } from '@node-to-cloud/telemetry'
import { loadArtilleryCore } from '../artillery/core.ts'
import { runScriptHook } from '../flow/script-hook.ts'
import { localNow } from '../protocol/fleet-clock.ts'
import { encodeTally } from '../results/tally-codec.ts'
import { type LoadScript, readScript } from '../script/script.ts'
import { ScriptError } from '../script/script-error.ts'
import type { EngineCommand, EngineEvent, EngineScript, EngineThreadData } from './engine-messages.ts'
import { LoadGenerator } from './load-generator.ts'
import { Recorder } from './recorder.ts'
import { createSpanDeltas } from './span-deltas.ts'
import { createRequestTracer } from './tracing.ts'

/** How often counters are handed over; windows of a second hold a whole number of these. */
const reportEveryMs = 250
const earlyMs = 10
/** How long the end of a thread waits for its last spans to be exported. */
const traceFlushMs = 1000

const port = parentPort
if (port === null) throw new Error('the engine runs in a worker thread')
const data = workerData as EngineThreadData

// A signal is the process's matter: it stops the run, and with it this thread.
const environment = readEnvironment(telemetryEnvironment({ metricsPort: 0 }))
const telemetry = await startTelemetry({
  service: { name: 'loadtester', version: data.version },
  environment,
  shutdown: createShutdown({ signals: [], exit: (code) => process.exit(code) }),
  role: 'worker',
})
const recorder = new Recorder({
  trace: createRequestTracer(telemetry.tracing, environment),
  maximumSeries: data.maximumSeries,
})
const takeSpanDeltas = createSpanDeltas(telemetry.tracing.counts)
let clockOffsetMs = 0
let epoch = 0
let generator: LoadGenerator | undefined
let reportTimer: NodeJS.Timeout | undefined
let lastUtilization = performance.eventLoopUtilization()
let windowMs = 0
let stopping = false

const now = (): number => localNow() + clockOffsetMs
const send = (event: EngineEvent): void => port.postMessage(event)

// A script's function that throws on its own ends the engine, not what it has counted.
process.on('uncaughtException', (error) => {
  stopping = true
  generator?.stop()
  if (reportTimer !== undefined) {
    recorder.abandonOpenRequests('ENGINE_CRASHED')
    report(false)
  }
  fail(error)
  process.exit(1)
})

port.on('message', (command: EngineCommand) => {
  switch (command.type) {
    case 'prepare':
      void prepare(command)
      return
    case 'hook':
      void runHook(command)
      return
    case 'clock':
      clockOffsetMs = command.offsetMs
      return
    case 'setpoint':
      if (stopping) return
      epoch = command.setpoint.epoch
      generator?.follow(command.setpoint)
      if (reportTimer === undefined) {
        lastUtilization = performance.eventLoopUtilization()
        scheduleReport()
      }
      return
    case 'stop':
      void stop(command.graceMs)
  }
})
await loadArtilleryCore()
send({ type: 'online' })

async function prepare(command: EngineCommand & { type: 'prepare' }): Promise<void> {
  try {
    const script = await readSameScript(command)
    generator = await LoadGenerator.create(script, recorder, {
      now,
      workerId: data.workerId,
      testId: command.runId,
      httpEngine: data.httpEngine,
      allowedOrigins: data.allowedOrigins,
      variables: command.variables,
    })
    send({ type: 'prepared', runId: command.runId })
  } catch (error) {
    fail(error)
  }
}

async function runHook(command: EngineCommand & { type: 'hook' }): Promise<void> {
  try {
    const variables = await runScriptHook(command.hook, await readSameScript(command), {
      testId: command.runId,
      httpEngine: data.httpEngine,
      allowedOrigins: data.allowedOrigins,
      variables: command.variables,
    })
    send({ type: 'hookEnded', variables })
  } catch (error) {
    fail(error)
  }
}

/** @throws ScriptError for a script that can't be used, or is another one than the master's. */
async function readSameScript(command: EngineScript): Promise<LoadScript> {
  const script = await readScript(command.path, { target: command.target, environment: command.environment })
  if (command.digest !== undefined && script.digest !== command.digest) {
    throw new ScriptError(
      `${script.name} is another file here than on the master (SHA-256 ${script.digest.slice(0, 12)}…, there ${command.digest.slice(0, 12)}…)`,
    )
  }
  return script
}

function fail(error: unknown): void {
  const field = error instanceof ScriptError ? error.field : undefined
  send({ type: 'failed', message: error instanceof Error ? error.message : String(error), field })
}

/** Reports at every quarter of a second of the fleet's clock, so that no report lies in two windows. */
function scheduleReport(): void {
  // A timer may fire a little early: that quarter is over all the same.
  const reachedMs = now() + earlyMs
  windowMs = Math.floor(reachedMs / 1000) * 1000
  const dueMs = (Math.floor(reachedMs / reportEveryMs) + 1) * reportEveryMs
  reportTimer = setTimeout(() => {
    report(false)
    scheduleReport()
  }, dueMs - now())
}

function report(final: boolean): void {
  const utilization = performance.eventLoopUtilization()
  const share = performance.eventLoopUtilization(utilization, lastUtilization).utilization
  lastUtilization = utilization
  send({
    type: 'report',
    final,
    epoch,
    windowMs,
    untilMs: now(),
    tally: encodeTally(recorder.take()),
    users: generator?.users ?? 0,
    inFlight: recorder.inFlight,
    utilization: share,
  })
  reportSpans()
}

function reportSpans(): void {
  const deltas = takeSpanDeltas()
  if (deltas !== undefined) send({ type: 'spans', deltas })
}

async function stop(graceMs: number): Promise<void> {
  if (stopping) return
  stopping = true
  generator?.stop()
  const deadline = performance.now() + graceMs
  while (recorder.inFlight > 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5))
  clearTimeout(reportTimer)
  recorder.abandonOpenRequests('STOPPED')
  if (windowMs === 0) windowMs = Math.floor(now() / 1000) * 1000
  report(true)
  await Promise.race([telemetry.tracing.shutdown(), new Promise((resolve) => setTimeout(resolve, traceFlushMs))])
  reportSpans()
  process.exit()
}
