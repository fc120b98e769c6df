import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot as root } from '../repository-root.ts'
import { metricsTable } from './metrics-table.ts'

/** A program, started so that it serves its metrics at a port and needs nothing else. */
interface Program {
  readonly name: string
  readonly launcher: string
  readonly args?: (port: number) => readonly string[]
  readonly env?: (port: number) => Readonly<Record<string, string>>
  /** Answers 2xx once all metrics are there; default `/readyz`. */
  readonly readyPath?: string
}

const EMULATOR_LISTENERS = ['https', 'grpc', 'grpc-tls', 'otlp-grpc', 'otlp-http'] as const

/** The service with nothing of its own is first: what all have in common is listed once. */
const PROGRAMS: readonly Program[] = [
  { name: 'custom-metrics-example', launcher: 'apps/custom-metrics-example/bin/custom-metrics-example.js' },
  { name: 'flask-app', launcher: 'apps/flask-app/bin/flask-app.js', env: () => ({ WORKERS: '1', PORT: '0' }) },
  {
    name: 'loadtester, master',
    launcher: 'apps/loadtester/bin/loadtester.js',
    args: () => ['standalone'],
    env: () => ({ PORT: '0', WORKER_METRICS_PORT: '0', TARGET_HOST: 'http://127.0.0.1:9' }),
  },
  {
    name: 'loadtester, worker',
    launcher: 'apps/loadtester/bin/loadtester.js',
    args: () => ['standalone'],
    env: (port) => ({
      PORT: '0',
      METRICS_PORT: '0',
      WORKER_METRICS_PORT: `${port}`,
      TARGET_HOST: 'http://127.0.0.1:9',
    }),
  },
  {
    name: 'prometheus-sidecar',
    launcher: 'libs/prometheus-sidecar/bin/prometheus-sidecar.js',
    args: (port) => [
      '--stackdriver.project-id=example',
      '--stackdriver.api-address=http://127.0.0.1:9/?auth=false',
      '--stackdriver.generic.location=example',
      '--stackdriver.generic.namespace=example',
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    // It is ready once Prometheus has sent something.
    readyPath: '/healthz',
  },
  {
    name: 'cloud-emulator',
    launcher: 'libs/cloud-emulator/bin/cloud-emulator.js',
    args: (port) => [
      `--http.listen-address=127.0.0.1:${port}`,
      ...EMULATOR_LISTENERS.map((part) => `--${part}.listen-address=127.0.0.1:0`),
    ],
  },
]

const DEADLINE_MS = 60_000

/** The metrics of all programs, as they describe them: each is started and scraped. */
export async function metricsPage(): Promise<string> {
  const known = new Set<string>()
  const sections: string[] = []
  for (const program of PROGRAMS) sections.push(`## ${program.name}\n\n${metricsTable(await scrape(program), known)}`)
  return `# Metrics

What each program reports about its metrics at \`/metrics\`. Metrics of the runtime and of telemetry, which the others have too, are listed with the first only. A metric without series
at that time shows no labels.

${sections.join('\n\n')}
`
}

async function scrape({ name, launcher, args, env, readyPath = '/readyz' }: Program): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'metrics-page-'))
  const port = await freePort()
  const own = { OTEL_TRACES_EXPORTER: 'none', METRICS_PORT: String(port), LOAD_STATE_DIR: folder, ...env?.(port) }
  const child = spawn(process.execPath, [join(root, launcher), ...(args?.(port) ?? [])], {
    cwd: folder,
    env: { ...process.env, METADATA_SERVER_DETECTION: 'none', ...own },
    stdio: 'ignore',
  })
  const origin = `http://127.0.0.1:${port}`
  const ended = once(child, 'exit')
  try {
    for (const deadline = performance.now() + DEADLINE_MS; performance.now() < deadline; ) {
      if (await isOk(`${origin}${readyPath}`)) {
        const answer = await fetch(`${origin}/metrics`, { headers: { accept: 'text/plain' } })
        return await answer.text()
      }
      if (child.exitCode !== null) throw new Error(`${name} has ended with ${child.exitCode}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    throw new Error(`${name} serves no metrics`)
  } finally {
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
}

function isOk(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
