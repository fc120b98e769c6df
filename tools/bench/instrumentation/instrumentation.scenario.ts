import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, PinnedProcess, processors, type Scenario, type Variant } from '../src/index.ts'
import { ServerGroup } from './server-group.ts'
import { ServerUnderTest } from './server-under-test.ts'

const source = '--conditions=@node-to-cloud/source'
const file = (name: string) => fileURLToPath(new URL(`servers/${name}`, import.meta.url))

/** What a server is asked to do besides answering. */
interface Signals {
  readonly traces?: 'on'
  /** The share of requests that is traced. */
  readonly sampled?: number
  readonly logs?: 'on'
}

/** What runs until the scenario is closed. */
const running: (() => Promise<void>)[] = []

/** What is left on disk when nothing runs any more. */
const folders: string[] = []

let sink: Promise<string> | undefined

/** Starts a collector of spans on the processor of the load; gives its URL. */
async function startSink(): Promise<string> {
  const port = await freePort()
  const process = new PinnedProcess([globalThis.process.execPath, file('../otlp-sink.ts')], {
    processor: processors.load,
    env: { PORT: String(port) },
  })
  running.push(() => process.stop())
  await process.answers(`http://127.0.0.1:${port}/`)
  return `http://127.0.0.1:${port}`
}

function server(name: string, command: readonly string[], { traces, sampled = 1, logs }: Signals = {}): Variant {
  let collector = ''
  const group = new ServerGroup(async () => {
    sink ??= startSink()
    collector = `${await sink}/${encodeURIComponent(name)}`
    return ServerUnderTest.start(() => [process.execPath, source, ...command], {
      env: {
        METRICS_PORT: '0',
        TRACES: traces ?? 'off',
        LOGS: logs ?? 'off',
        OTEL_TRACES_EXPORTER: traces === 'on' ? 'otlp' : 'none',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector,
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: String(sampled),
      },
    })
  })
  running.push(() => group.stop())
  return {
    name,
    async measure() {
      const result = await group.requestsPerCpuSecond()
      if (traces === 'on') checkSpans(name, group.answered * sampled, await spansAt(collector))
      return result
    },
  }
}

/** A queue that drops spans would make tracing look cheap. What is under way does not count: a batch of each process, and the spread of the sampling. */
function checkSpans(name: string, sampled: number, arrived: number): void {
  const expected = 0.95 * sampled - 2_000
  if (arrived === 0 || arrived < expected)
    throw new Error(`${name}: of some ${Math.round(sampled)} spans ${arrived} arrived`)
}

async function spansAt(collector: string): Promise<number> {
  const response = await fetch(collector)
  return Number(await response.text())
}

const flaskGroup = new ServerGroup(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-flask-'))
  folders.push(folder)
  return ServerUnderTest.start(
    (port) => [
      ...(['gunicorn', '--workers=3', '--threads=2', `--bind=127.0.0.1:${port}`] as const),
      ...['--log-level=error', 'flask_app:app'],
    ],
    { cwd: file('.'), env: { PROMETHEUS_MULTIPROC_DIR: folder } },
  )
})
running.push(() => flaskGroup.stop())

/** The original's way: Flask under gunicorn, several processes, metrics in files that they share. */
const flask: Variant = {
  name: 'Flask under gunicorn, metrics',
  measure: async () => (hasFlask() ? flaskGroup.requestsPerCpuSecond() : undefined),
}

function hasFlask(): boolean {
  try {
    execFileSync('gunicorn', ['--check-config', 'flask_app:app'], { cwd: file('.'), stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const usual = ['--import', file('usual-preload.ts'), file('usual.ts')]
const ours = [file('ours.ts')]

export const scenario: Scenario = {
  name: 'instrumentation',
  description:
    "What a Fastify service of one route still answers with its signals on: the usual wiring (fastify-metrics, instrumentation-http, @fastify/otel, Fastify's logger; on their defaults they make six spans of a request with fastify-metrics' hooks), ours (one span), and Flask under gunicorn. Every span has to arrive. Each is three processes, measured in turn; bare Fastify is measured before and after each of the others.",
  unit: 'requests/CPU-second',
  baseline: 'bare Fastify',
  baselineBesideEach: true,
  variants: [
    server('bare Fastify', [file('bare.ts')]),
    server('usual: metrics', usual),
    server('ours: metrics', ours),
    server('usual: metrics, traces 1 %', usual, { traces: 'on', sampled: 0.01 }),
    server('ours: metrics, traces 1 %', ours, { traces: 'on', sampled: 0.01 }),
    server('usual: metrics, all traces', usual, { traces: 'on' }),
    server('ours: metrics, all traces', ours, { traces: 'on' }),
    server('usual: metrics, all traces, logs', usual, { traces: 'on', logs: 'on' }),
    server('ours: metrics, all traces, logs', ours, { traces: 'on', logs: 'on' }),
    flask,
  ],
  bounds: [
    { variant: 'ours: metrics', atLeast: 0.9 },
    { variant: 'ours: metrics, traces 1 %', atLeast: 0.75 },
    { variant: 'ours: metrics, all traces', atLeast: 0.67 },
    { variant: 'ours: metrics, all traces, logs', atLeast: 0.5 },
    { variant: 'ours: metrics', of: flask.name, atLeast: 12 },
    { variant: 'ours: metrics, all traces, logs', of: flask.name, atLeast: 7 },
  ],
  async close() {
    await Promise.all(running.splice(0).map((stop) => stop()))
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  },
}
