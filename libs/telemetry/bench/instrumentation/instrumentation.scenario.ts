import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  freePort,
  type Measurement,
  PinnedProcess,
  processors,
  type Scenario,
  type Variant,
} from '@node-to-cloud/bench'
import { findPeer } from '@node-to-cloud/peers'
import { measureInTurn, requestsPerCpuSecond } from './in-turn.ts'
import { ServerUnderTest } from './server-under-test.ts'

const source = '--conditions=@node-to-cloud/source'
const file = (name: string) => fileURLToPath(new URL(`servers/${name}`, import.meta.url))

/** What a server has to do besides responding. */
interface Signals {
  readonly traces?: 'on'
  /** The fraction of requests that is traced. */
  readonly sampled?: number
  readonly logs?: 'on' | 'otlp'
  /** By OTLP instead of served. */
  readonly metrics?: 'otlp'
}

/** What runs until the scenario is closed. */
const running = new Set<() => Promise<void>>()

/** Files to remove once nothing runs any more. */
const folders: string[] = []

let sink: Promise<string> | undefined

/** Starts a collector of spans on the CPU of the load generator; returns its URL. */
async function startSink(): Promise<string> {
  const port = await freePort()
  const process = new PinnedProcess([globalThis.process.execPath, file('../otlp-sink.ts')], {
    processor: processors.load,
    env: { PORT: String(port) },
  })
  running.add(() => process.stop())
  await process.answers(`http://127.0.0.1:${port}/`)
  return `http://127.0.0.1:${port}`
}

/** A process that is started for one measurement, since two processes of one program differ by up to 7 %. */
interface Fresh {
  readonly server: ServerUnderTest
  /** Checks that it did what was requested. */
  check?(): Promise<void>
}

/** What is measured, by the name of its variant. */
interface Candidate {
  readonly name: string
  start(): Promise<Fresh>
}

function startServer(command: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<ServerUnderTest> {
  return ServerUnderTest.start(() => [process.execPath, source, ...command], { env: { METRICS_PORT: '0', ...env } })
}

const WARM_UP_SECONDS = 5

/** Measures a candidate in turn with `baseline`, which has been under load before. */
async function measureFresh(candidate: Candidate, baseline: ServerUnderTest): Promise<Measurement> {
  const { server, check } = await candidate.start()
  return stopAfter(server, async () => {
    const measurement = await measureInTurn(server, baseline)
    await check?.()
    return measurement
  })
}

/** Stops `server` after `use`, or when the scenario is closed before. */
async function stopAfter<T>(server: ServerUnderTest, use: () => Promise<T>): Promise<T> {
  const stop = () => server.stop()
  running.add(stop)
  try {
    return await use()
  } finally {
    running.delete(stop)
    await stop()
  }
}

/** The process of bare Fastify that the others are measured in turn with; a new one each round. */
let currentBare: ServerUnderTest | undefined
running.add(stopBare)

async function bareServer(): Promise<ServerUnderTest> {
  if (currentBare === undefined) {
    currentBare = await startServer([file('bare.ts')])
    await currentBare.loadFor(WARM_UP_SECONDS)
  }
  return currentBare
}

async function stopBare(): Promise<void> {
  await currentBare?.stop()
  currentBare = undefined
}

const bare: Variant = {
  name: 'bare Fastify',
  async measure() {
    await stopBare()
    const server = await bareServer()
    return requestsPerCpuSecond([await server.loadFor(1), await server.loadFor(1), await server.loadFor(1)])
  },
}

function server(name: string, command: readonly string[], signals: Signals = {}): Candidate & Variant {
  const { traces, sampled = 1, logs, metrics = 'prometheus' } = signals
  const candidate: Candidate = {
    name,
    async start() {
      sink ??= startSink()
      const collector = `${await sink}/${randomUUID()}`
      const started = await startServer(command, {
        TRACES: traces ?? 'off',
        LOGS: logs === undefined ? 'off' : 'on',
        OTEL_LOGS_EXPORTER: logs === 'otlp' ? 'otlp' : 'console',
        OTEL_METRICS_EXPORTER: metrics,
        // As often as metrics are scraped when they are served.
        OTEL_METRIC_EXPORT_INTERVAL: '1000',
        OTEL_TRACES_EXPORTER: traces === 'on' ? 'otlp' : 'none',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector,
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: String(sampled),
      })
      return {
        server: started,
        async check() {
          if (traces === 'on') await checkItems(name, started.answered * sampled, `${collector}/v1/traces`)
          if (logs === 'otlp') await checkItems(name, started.answered, `${collector}/v1/logs`)
        },
      }
    },
  }
  return { ...candidate, measure: async () => measureFresh(candidate, await bareServer()) }
}

/**
 * A queue that drops items would make sending look cheap. Items on their way do not count: a batch, and the variance of
 * the sampling.
 */
async function checkItems(name: string, sent: number, path: string): Promise<void> {
  const response = await fetch(path)
  const arrived = Number(await response.text())
  if (arrived === 0 || arrived < 0.95 * sent - 1_000)
    throw new Error(`${name}: of some ${Math.round(sent)} spans or log lines ${arrived} arrived`)
}

/** Plain Node is faster than Fastify, so recording weighs more: ours is measured in turn with that. */
const bareHttp: Variant = {
  name: 'bare node:http',
  async measure() {
    const server = await startServer([file('bare-http.ts')])
    return stopAfter(server, async () => {
      const measurement = await measureInTurn(server, await bareServer())
      await stopBare()
      const { value, baseline } = await measureFresh(oursHttp, server)
      return { ...measurement, others: { [oursHttp.name]: value / baseline } }
    })
  },
}

/**
 * The original: Flask under gunicorn, several processes, metrics in shared files. Ours is measured in turn with it too.
 */
const flask: Variant = {
  name: 'Flask under gunicorn, metrics',
  async measure() {
    const gunicorn = gunicornWithFlask()
    if (gunicorn === undefined) return undefined
    const server = await startFlask(gunicorn)
    return stopAfter(server, async () => {
      const measurement = await measureInTurn(server, await bareServer())
      // It would have to wait too long for the next one.
      await stopBare()
      const others: Record<string, number> = {}
      for (const candidate of [oursMetrics, oursEverything]) {
        const { value, baseline } = await measureFresh(candidate, server)
        others[candidate.name] = value / baseline
      }
      return { ...measurement, others }
    })
  },
}

function startFlask(gunicorn: string): Promise<ServerUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-flask-'))
  folders.push(folder)
  return ServerUnderTest.start(
    (port) => [
      ...([gunicorn, '--workers=3', '--threads=2', `--bind=127.0.0.1:${port}`] as const),
      ...['--log-level=error', 'flask_app:app'],
    ],
    { cwd: file('.'), env: { PROMETHEUS_MULTIPROC_DIR: folder } },
  )
}

/** That of `tools/peers`, or one in PATH that can run the application; undefined if there is neither. */
function gunicornWithFlask(): string | undefined {
  const gunicorn = findPeer('gunicorn') ?? 'gunicorn'
  try {
    execFileSync(gunicorn, ['--check-config', 'flask_app:app'], { cwd: file('.'), stdio: 'ignore' })
    return gunicorn
  } catch {
    return undefined
  }
}

const usual = ['--import', file('usual-preload.ts'), file('usual.ts')]
const ours = [file('ours.ts')]
const oursMetrics = server('ours: metrics', ours)
const oursMetricsByOtlp = server('ours: metrics by OTLP', ours, { metrics: 'otlp' })
const oursLogsByOtlp = server('ours: metrics, logs by OTLP', ours, { logs: 'otlp' })
const oursHttp = server('ours on node:http: metrics', [file('ours-http.ts')])
const oursEverything = server('ours: metrics, all traces, logs', ours, { traces: 'on', logs: 'on' })

export const scenario: Scenario = {
  name: 'instrumentation',
  description:
    "How many requests a Fastify service with one route answers with its signals on: the usual wiring (fastify-metrics, instrumentation-http, @fastify/otel, Fastify's logger; with their defaults and fastify-metrics' hooks they create six spans per request), ours (one span), and Flask under gunicorn. Every span must arrive, and every log line that is sent. Each is a new process each round, under load from its start, in turn with bare Fastify, a second each; for bounds on Flask, in turn with Flask.",
  unit: 'requests/CPU-second',
  baseline: bare.name,
  variants: [
    bare,
    server('usual: metrics', usual),
    oursMetrics,
    oursMetricsByOtlp,
    oursLogsByOtlp,
    server('usual: metrics, traces 1 %', usual, { traces: 'on', sampled: 0.01 }),
    server('ours: metrics, traces 1 %', ours, { traces: 'on', sampled: 0.01 }),
    server('usual: metrics, all traces', usual, { traces: 'on' }),
    server('ours: metrics, all traces', ours, { traces: 'on' }),
    server('usual: metrics, all traces, logs', usual, { traces: 'on', logs: 'on' }),
    oursEverything,
    bareHttp,
    oursHttp,
    flask,
  ],
  bounds: [
    { variant: oursMetrics.name, atLeast: 0.93 },
    { variant: oursMetricsByOtlp.name, of: oursMetrics.name, atLeast: 0.97 },
    { variant: oursLogsByOtlp.name, atLeast: 0.7 },
    { variant: 'ours: metrics, traces 1 %', atLeast: 0.92 },
    { variant: 'ours: metrics, all traces', atLeast: 0.82 },
    { variant: oursEverything.name, atLeast: 0.75 },
    { variant: oursHttp.name, of: bareHttp.name, atLeast: 0.9 },
    { variant: oursMetrics.name, of: flask.name, asShareOfBaseline: true, atLeast: 0.92 },
    { variant: oursEverything.name, of: flask.name, asShareOfBaseline: true, atLeast: 0.7 },
  ],
  async close() {
    await Promise.all([...running].map((stop) => stop()))
    running.clear()
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  },
}
