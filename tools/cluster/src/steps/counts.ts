import type { Installation } from '../installation.ts'
import { readRun, startRun, stopRun } from '../load.ts'
import { storedRequests } from '../requests-stored.ts'
import { expect, type Step } from '../step.ts'
import { READY_MS, sleep, until } from '../wait.ts'

const APP = 'flask-app-tutorial'
const RATE = 20
/** Scraped every 30 s, and sent within seconds. */
const STORED_MS = 90_000

/** Waits until everything that flask-app has counted is stored: until its pods that end are gone, and a scrape later. */
async function settled(installation: Installation): Promise<number> {
  const endMs = await until('pods that end are gone', READY_MS, async () => {
    const { stdout } = await installation.kubectl.run([
      'get',
      'pods',
      '--selector',
      `app.kubernetes.io/name=${APP}`,
      '-o',
      'name',
    ])
    return stdout.trim().split('\n').length === 2 ? Date.now() : undefined
  })
  return until('points of the end', STORED_MS * 2, async () => {
    const { requests, untilMs } = await storedRequests(installation)
    return untilMs > endMs + 30_000 ? requests : undefined
  })
}

/**
 * Makes a run while something happens, and returns how many of its requests are stored and how many it has counted. Before each
 * run the master asks its target once.
 */
async function storedOf(installation: Installation, disturb: () => Promise<unknown>) {
  const before = await settled(installation)
  await startRun(installation, RATE)
  await sleep(5000)
  await disturb()
  const run = await stopRun(installation)
  try {
    return { stored: (await settled(installation)) - before, run }
  } finally {
    await startRun(installation, RATE)
  }
}

const rollouts: Step = {
  name: 'counts of new pods, of a rollout and of pods that end: all are stored',
  short: false,
  async run({ installation }) {
    const { kubectl } = installation
    await stopRun(installation)
    const { stored, run } = await storedOf(installation, async () => {
      await kubectl.run(['scale', `deployment/${APP}`, '--replicas=4'])
      await installation.readyPods(APP, 4, READY_MS)
      await sleep(10_000)
      await kubectl.run(['rollout', 'restart', `deployment/${APP}`])
      await installation.rolledOut(READY_MS)
      await kubectl.run(['scale', `deployment/${APP}`, '--replicas=2'])
      await installation.rolledOut(READY_MS)
      await sleep(15_000)
    })
    const figures = `${stored} stored, ${run.requests} requests counted by the load tester, ${run.failures} failed`
    expect(run.failures === 0 && stored >= run.requests && stored <= run.requests + 1, figures)
    return figures
  },
}

const master: Step = {
  name: 'the load tester’s master is deleted during a run, and the run continues',
  short: false,
  async run({ installation }) {
    const { kubectl } = installation
    const before = await readRun(installation)
    const [pod] = await installation.pods('loadtester-master')
    const deletedMs = Date.now()
    await kubectl.run(['delete', 'pod', pod?.metadata.name ?? '', '--wait'])
    await installation.readyPods('loadtester-master', 1, READY_MS)
    await until('the run is there', 60_000, async () =>
      (await readRun(installation)).id === before.id ? true : undefined,
    )
    await sleep(15_000)
    const after = await readRun(installation)
    const expected = before.requests + ((Date.now() - deletedMs) / 1000) * RATE
    const figures = `${after.requests} requests, ${Math.round(expected)} due, ${after.total.currentRate.toFixed(1)}/s, started ${after.startedMs === before.startedMs ? 'when it was' : `at ${after.startedMs} instead of ${before.startedMs}`}`
    expect(after.startedMs === before.startedMs, figures)
    expect(Math.abs(after.total.currentRate - RATE) < 3, figures)
    expect(Math.abs(after.requests - expected) < RATE * 5 && after.unaccounted === 0, figures)
    expect(after.failures === before.failures, `${after.failures - before.failures} requests failed; ${figures}`)
    return figures
  },
}

export const countSteps: readonly Step[] = [master, rollouts]
