import { type Installation, workersPatch } from '../../installation.ts'
import { loadDuring } from '../../load.ts'
import { expect, type Step } from '../../step.ts'
import { askPrometheus } from '../../stored.ts'
import { READY_MS, sleep } from '../../wait.ts'
import { evict, killProgram } from './pod-faults.ts'

const DURATION_MS = 10 * 60_000
/** Two scrapes longer than until the next audit. */
const AUDIT_MS = 6 * 60_000
/** Of 20 requests a second: those in the hands of a killed process, and those sent until its endpoint is removed. */
const FAILURES_PER_KILL = 20

interface Fault {
  readonly name: string
  /** How many requests may fail by it. */
  readonly failures: number
  readonly act: (installation: Installation) => Promise<void>
}

const deletePod = (deployment: string): Fault => ({
  name: `delete a pod of ${deployment}`,
  failures: 0,
  act: async (installation) => {
    const [pod] = await installation.pods(deployment)
    if (pod !== undefined) await installation.kubectl.run(['delete', 'pod', pod.metadata.name, '--wait=false'])
  },
})

const killContainer = (deployment: string, container: string, failures: number): Fault => ({
  name: `kill -9 ${container}`,
  failures,
  act: async (installation) => {
    const [pod] = await installation.pods(deployment)
    if (pod !== undefined) await killProgram(installation, pod.metadata.name, container)
  },
})

const FAULTS: readonly Fault[] = [
  deletePod('flask-app-tutorial'),
  {
    name: 'evict a pod of flask-app-tutorial',
    failures: 0,
    act: async (installation) => {
      const [pod] = await installation.readyPods('flask-app-tutorial', 2, READY_MS)
      if (pod !== undefined) await evict(installation, pod.metadata.name)
    },
  },
  killContainer('flask-app-tutorial', 'flask-app-tutorial', FAILURES_PER_KILL),
  killContainer('custom-metrics-example', 'custom-metrics-example', 0),
  killContainer('prometheus-k8s', 'prometheus-sidecar', 0),
  deletePod('custom-metrics-example'),
  deletePod('loadtester-worker'),
  deletePod('prometheus-k8s'),
]

/** Pseudo-random numbers in [0, 1), the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const randomFaults: Step = {
  name: 'pods are deleted, evicted and killed at random for ten minutes under load',
  short: false,
  isIndependent: true,
  async run({ another }) {
    const installation = another()
    await installation.create()
    await installation.apply({ base: 'overlays/local', patches: [workersPatch(2)] })
    await installation.rolledOut(READY_MS)
    const seed = Number(process.env.SEED ?? Date.now() % 2 ** 32)
    const random = randomOf(seed)
    const done: string[] = []
    let allowed = 0
    const load = await loadDuring(
      installation,
      async () => {
        for (const endMs = Date.now() + DURATION_MS; Date.now() < endMs; ) {
          const fault = FAULTS[Math.floor(random() * FAULTS.length)]
          if (fault === undefined) continue
          done.push(fault.name)
          allowed += fault.failures
          await fault.act(installation)
          await sleep(10_000 + random() * 20_000)
          await installation.rolledOut(READY_MS)
        }
      },
      10_000,
    )
    // An audit compares what was stored with Prometheus' database every five minutes.
    await sleep(AUDIT_MS)
    const ofAllSidecars = (name: string): Promise<number> =>
      askPrometheus(installation, `sum(max_over_time(prometheus_sidecar_${name}[25m]))`)
    const refused = await ofAllSidecars('refused_points_total')
    const lost = await ofAllSidecars('hole_unfilled_samples_total')
    const differences = await ofAllSidecars('audit_differences_total')
    const audited = await ofAllSidecars('audit_samples_total')
    const figures = `${load.failures} of ${load.requests} requests failed (at most ${allowed} may), ${done.length} faults, SEED=${seed}`
    expect(load.failures <= allowed, figures)
    const stored = `${refused} points refused, ${lost} samples lost, ${differences} of ${audited} missing or doubled`
    expect(refused === 0 && lost === 0 && differences === 0 && audited > 0, `${stored}; ${figures}`)
    return `${figures}; ${stored}`
  },
}

export const chaosSteps: readonly Step[] = [randomFaults]
