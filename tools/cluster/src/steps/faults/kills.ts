import type { Installation } from '../../installation.ts'
import { loadDuring } from '../../load.ts'
import { expect, type Step } from '../../step.ts'
import { READY_MS, until } from '../../wait.ts'
import { killProgram, restarts } from './pod-faults.ts'

interface Part {
  readonly deployment: string
  readonly pods: number
  readonly container: string
  /** How many requests may fail: those in the hands of the killed process, and those sent until its endpoint is removed. */
  readonly failures: number
}

const PARTS: readonly Part[] = [
  { deployment: 'custom-metrics-example', pods: 1, container: 'custom-metrics-example', failures: 0 },
  { deployment: 'loadtester-worker', pods: 5, container: 'loadtester-worker', failures: 0 },
  { deployment: 'loadtester-master', pods: 1, container: 'loadtester-master', failures: 0 },
  { deployment: 'prometheus-k8s', pods: 1, container: 'prometheus-sidecar', failures: 0 },
  { deployment: 'cloud-emulator', pods: 1, container: 'cloud-emulator', failures: 0 },
]

async function kill(installation: Installation, { deployment, pods, container }: Part): Promise<void> {
  const [pod] = await installation.readyPods(deployment, pods, READY_MS)
  const before = await restarts(installation, deployment)
  await killProgram(installation, pod?.metadata.name ?? '', container)
  await until(`${container} is restarted`, READY_MS, async () =>
    (await restarts(installation, deployment)) > before ? true : undefined,
  )
  await installation.readyPods(deployment, pods, READY_MS)
}

/** Deletes a pod; by force, its containers are killed. */
const remove =
  (...force: readonly string[]) =>
  async (installation: Installation, { deployment, pods }: Part): Promise<void> => {
    const [pod] = await installation.readyPods(deployment, pods, READY_MS)
    const command = ['delete', 'pod', pod?.metadata.name ?? '', '--wait', ...force]
    await installation.kubectl.run(command, { timeoutMs: 330_000 })
    await installation.readyPods(deployment, pods, READY_MS)
  }

/** Prometheus' image has no program to kill it with: deleting its pod by force does. */
const ACTS = [
  ['killed', kill],
  ['deleted', remove()],
  ['deleted by force', remove('--force', '--grace-period=0')],
] as const

const everyContainer: Step = {
  name: 'kill -9 of each container, and deletion of each pod, under load',
  short: false,
  async run({ installation }) {
    const figures: string[] = []
    for (const part of PARTS) {
      for (const [word, act] of ACTS) {
        const load = await loadDuring(installation, () => act(installation, part))
        const figure = `${part.container} ${word}: ${load.failures} of ${load.requests}`
        expect(load.failures <= part.failures && load.requests > 0, `${figure} requests failed`)
        figures.push(figure)
      }
    }
    return `failed: ${figures.join(', ')}`
  },
}

export const killSteps: readonly Step[] = [everyContainer]
