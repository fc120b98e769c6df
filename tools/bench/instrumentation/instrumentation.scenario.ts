import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PinnedProcess, processors, type Scenario, type Variant } from '../src/index.ts'
import { load } from './http-load.ts'
import { startOtlpSink } from './otlp-sink.ts'

const warmUpSeconds = 1
const loadSeconds = 3

const source = '--conditions=@node-to-cloud/source'
const file = (name: string) => fileURLToPath(new URL(`servers/${name}`, import.meta.url))

/** What a server is asked to do besides answering. */
interface Signals {
  readonly traces?: 'on'
  /** The share of requests that is traced. */
  readonly sampled?: number
  readonly logs?: 'on'
}

function server(name: string, command: readonly string[], { traces, sampled = 1, logs }: Signals = {}): Variant {
  return {
    name,
    async measure() {
      const sink = await startOtlpSink()
      const port = await freePort()
      const process = new PinnedProcess([globalThis.process.execPath, source, ...command], {
        processor: processors.underTest,
        env: {
          PORT: String(port),
          METRICS_PORT: '0',
          TRACES: traces ?? 'off',
          LOGS: logs ?? 'off',
          OTEL_TRACES_EXPORTER: traces === 'on' ? 'otlp' : 'none',
          OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
          OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
          OTEL_TRACES_SAMPLER_ARG: String(sampled),
        },
      })
      try {
        return await requestsPerCpuSecond(process, `http://127.0.0.1:${port}/`)
      } finally {
        await process.stop()
        sink.close()
      }
    },
  }
}

/** The original's way: Flask under gunicorn, several processes, metrics in files that they share. */
const flask: Variant = {
  name: 'Flask under gunicorn, metrics',
  async measure() {
    if (!hasFlask()) return undefined
    const folder = mkdtempSync(join(tmpdir(), 'bench-flask-'))
    const port = await freePort()
    const process = new PinnedProcess(
      ['gunicorn', '--workers=3', '--threads=2', `--bind=127.0.0.1:${port}`, '--log-level=error', 'flask_app:app'],
      { processor: processors.underTest, cwd: file('.'), env: { PROMETHEUS_MULTIPROC_DIR: folder } },
    )
    try {
      return await requestsPerCpuSecond(process, `http://127.0.0.1:${port}/`)
    } finally {
      await process.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

function hasFlask(): boolean {
  try {
    execFileSync('gunicorn', ['--check-config', 'flask_app:app'], { cwd: file('.'), stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

async function requestsPerCpuSecond(process: PinnedProcess, url: string): Promise<number> {
  await process.answers(url)
  await load(url, warmUpSeconds)
  const before = process.cpuSeconds()
  const requests = await load(url, loadSeconds)
  return requests / (process.cpuSeconds() - before)
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

const usual = ['--import', file('usual-preload.ts'), file('usual.ts')]
const ours = [file('ours.ts')]

export const scenario: Scenario = {
  name: 'instrumentation',
  description:
    "What a Fastify service of one route still answers with its signals on: the usual wiring (fastify-metrics, instrumentation-http, @fastify/otel, Fastify's logger), ours, and Flask under gunicorn.",
  unit: 'requests/CPU-second',
  baseline: 'bare Fastify',
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
}
