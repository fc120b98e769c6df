import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { freePort } from '@node-to-cloud/bench'
import { type SeededRandom, seededRandom, seedFromEnvironment } from '../test/testing/seeded-random.ts'
import { Child, eventually, NODE } from './child.ts'
import type { Emulator } from './emulator.ts'
import { PROMETHEUS_IS_MISSING } from './prometheus.ts'
import type { Sidecar } from './sidecar.ts'
import { Stack } from './stack.ts'

/** Concurrent runs, each with its own seed, Prometheus, sidecar and emulator. */
const RUNS = 3
const FAULTS_LAST_SECONDS = 110

test('through outages, lost and slow answers, kills and restarts every convertible sample is stored exactly once', {
  skip: PROMETHEUS_IS_MISSING,
  timeout: 300_000,
  concurrency: RUNS,
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
  const stack = await Stack.start(context, {
    random,
    jobs: [{ job: 'flask-app', target: flaskApp, interval: '10s' }],
  })
  const log: string[] = []
  try {
    await playFaults(random, stack.emulator, stack.sidecar, log)
    await stack.emulator.clearFaults()
    const { expected, stored, missing } = await stack.holdsAll('after the faults')
    context.diagnostic(
      `seed ${seed}: ${expected} convertible samples, ${stored} points stored, ${missing.length} refused on purpose`,
    )
    assert.ok(expected > 500, `only ${expected} samples were expected`)
  } finally {
    context.diagnostic(`seed ${seed}: ${log.join(', ')}`)
  }
}

/** A random sequence of everything that can go wrong between Prometheus and Cloud Monitoring, for about two minutes. */
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

/** Runs flask-app as its image does, under load. Returns the address of its metrics. */
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
