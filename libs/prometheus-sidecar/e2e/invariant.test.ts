import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { audit, storedKey } from '../src/testing/audit.ts'
import { type SeededRandom, seededRandom, seedFromEnvironment } from '../src/testing/seeded-random.ts'
import { Child, eventually, freePort, NODE } from './child.ts'
import { Emulator } from './emulator.ts'
import { Exporter } from './exporter.ts'
import { PROMETHEUS_IS_MISSING, Prometheus } from './prometheus.ts'
import { Sidecar } from './sidecar.ts'

/** Runs at once, each with its own seed, Prometheus, sidecar and emulator. */
const RUNS = 3
const FAULTS_LAST_SECONDS = 130

const JOBS = ['flask-app', 'exporter']

test('through outages, lost and slow answers, kills and restarts every convertible sample is stored exactly once', {
  skip: PROMETHEUS_IS_MISSING,
  timeout: 290_000,
}, async (context) => {
  const seed = seedFromEnvironment()
  context.diagnostic(`SEED=${seed} (each run has this plus its number)`)
  const flaskApp = await startFlaskApp(context)
  await Promise.all(
    Array.from({ length: RUNS }, (_, run) =>
      context.test(`seed ${seed + run}`, (inner) => holdsInvariant(inner, seed + run, flaskApp)),
    ),
  )
})

async function holdsInvariant(context: TestContext, seed: number, flaskApp: string): Promise<void> {
  const random = seededRandom(seed)
  const folder = await mkdtemp(join(tmpdir(), 'invariant-'))
  const emulator = await Emulator.start()
  const { exporter, target } = await Exporter.start(random)
  const prometheusPort = await freePort()
  const sidecar = await Sidecar.start({
    grpcAddress: emulator.grpcAddress,
    prometheusUrl: `http://127.0.0.1:${prometheusPort}`,
    stateFile: join(folder, 'state'),
    minSamplingPeriod: '5s',
  })
  const prometheus = await Prometheus.start({
    folder,
    port: prometheusPort,
    jobs: [
      { job: 'flask-app', target: flaskApp, interval: '10s' },
      { job: 'exporter', target, interval: '6s' },
    ],
    remoteWriteUrl: `${sidecar.url}/api/v1/write`,
  })
  context.after(async () => {
    await prometheus.child.stop('SIGKILL')
    await sidecar.child.stop('SIGKILL')
    await emulator.child.stop('SIGKILL')
    exporter.server.close()
    exporter.server.closeAllConnections()
    await rm(folder, { recursive: true, force: true })
  })

  const log: string[] = []
  await playFaults(random, emulator, sidecar, log)
  await emulator.clearFaults()
  const untilMs = Date.now()
  let refused = new Set<string>()
  let latest = ''
  const result = await eventually(
    'what was scraped is stored',
    async () => {
      refused = new Set((await emulator.injectedRefusals()).map((point) => `${storedKey(point)} @ ${point.endMs}`))
      const found = audit(await prometheus.rawSeries(), await prometheus.metadata(), await emulator.stored(), {
        untilMs,
        jobs: JOBS,
      })
      const missing = found.missing.filter((entry) => !refused.has(entry))
      latest = `${log.join('\n')}\nmissing ${missing.length} of ${found.expected}: ${missing.slice(0, 20).join('\n')}`
      return missing.length === 0 ? found : undefined
    },
    { withinMs: 90_000, everyMs: 2000, detail: () => `${latest}\n${sidecar.output.slice(-3000)}` },
  )
  context.diagnostic(`seed ${seed}: ${log.join(', ')}`)
  context.diagnostic(
    `seed ${seed}: ${result.expected} convertible samples, ${result.stored} points stored, ${result.missing.length} refused on purpose`,
  )
  assert.deepEqual(result.wrong.slice(0, 20), [])
  assert.ok(result.expected > 500, `only ${result.expected} samples were expected`)
}

/** A seeded mix of everything that can go wrong between Prometheus and Cloud Monitoring, for about two minutes. */
async function playFaults(random: SeededRandom, emulator: Emulator, sidecar: Sidecar, log: string[]): Promise<void> {
  const start = Date.now()
  const seconds = () => ((Date.now() - start) / 1000).toFixed(0)
  const pause = (upToSeconds: number) =>
    new Promise((resolve) => setTimeout(resolve, random.next() * upToSeconds * 1000))
  const api: [string, () => Promise<unknown>][] = [
    ['unavailable for 60 s', () => emulator.fault({ code: 'UNAVAILABLE', durationSeconds: 60 })],
    ['half exhausted', () => emulator.fault({ code: 'RESOURCE_EXHAUSTED', share: 0.5, durationSeconds: 15 })],
    ['series refused', () => emulator.fault({ code: 'INVALID_ARGUMENT', seriesShare: 0.05, durationSeconds: 10 })],
    ['slow', () => emulator.fault({ latencyMs: 3000, share: 0.5, durationSeconds: 15 })],
    ['answers lost', () => emulator.fault({ loseAnswer: true, share: 0.5, durationSeconds: 15 })],
    ['deadline', () => emulator.fault({ code: 'DEADLINE_EXCEEDED', share: 0.3, durationSeconds: 10 })],
  ]
  const ends: [string, () => Promise<void>][] = [
    ['SIGKILL', () => end(sidecar, 'SIGKILL')],
    ['SIGKILL', () => end(sidecar, 'SIGKILL')],
    [
      'SIGKILL with an answer lost',
      async () => {
        const id = await emulator.fault({ loseAnswer: true, durationSeconds: 15 })
        await eventually('an answer is lost', async () => (await emulator.faultHits(id)) > 0, {
          withinMs: 14_000,
        }).catch(() => {})
        await end(sidecar, 'SIGKILL')
      },
    ],
    ['SIGTERM', () => end(sidecar, 'SIGTERM')],
  ]
  const apiFaults = async () => {
    for (const [name, begin] of random.shuffled(api)) {
      await pause(8)
      log.push(`${seconds()} s ${name}`)
      await begin()
      await pause(name.startsWith('unavailable') ? 30 : 12)
    }
  }
  const processFaults = async () => {
    for (const [name, act] of random.shuffled(ends)) {
      await pause(45)
      log.push(`${seconds()} s ${name}`)
      await act()
      await pause(4)
      await sidecar.restart()
    }
  }
  const endsAt = new Promise((resolve) => setTimeout(resolve, FAULTS_LAST_SECONDS * 1000))
  await Promise.all([apiFaults(), processFaults(), endsAt])
}

async function end(sidecar: Sidecar, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  const code = await sidecar.child.stop(signal)
  if (signal === 'SIGTERM') assert.equal(code, 0, sidecar.output.slice(-2000))
}

/** flask-app as its image runs it, with requests coming in. Gives the address of its metrics. */
async function startFlaskApp(context: TestContext): Promise<string> {
  const [port, metricsPort] = [await freePort(), await freePort()]
  const { child } = await Child.start('flask-app', [...NODE, 'apps/flask-app/src/main.ts'], {
    ready: /./,
    env: {
      PORT: `${port}`,
      METRICS_PORT: `${metricsPort}`,
      WORKERS: '1',
      CHAOS_TARGET_PERCENT: '10',
      OTEL_TRACES_EXPORTER: 'none',
    },
  })
  await eventually('flask-app answers', async () => (await fetch(`http://127.0.0.1:${port}/`)).status > 0, {
    detail: () => child.output,
  })
  const load = setInterval(() => {
    fetch(`http://127.0.0.1:${port}/`).then(
      (response) => response.text(),
      () => {},
    )
  }, 50)
  context.after(async () => {
    clearInterval(load)
    await child.stop('SIGKILL')
  })
  return `127.0.0.1:${metricsPort}`
}
