import type { Installation } from '../installation.ts'
import { changeRate, loadDuring } from '../load.ts'
import { expect, type Step } from '../step.ts'
import { READY_MS, until } from '../wait.ts'
import { API_SERVICE, adapterRule, installAdapter, removeAdapter } from './custom-metrics-adapter.ts'

const APP = 'flask-app-tutorial'
const LOCAL = { base: 'overlays/local' } as const
const RATE = 20
const FIRST_HIGH_RATE = 200
const MAX_RATE = 1600
/** The metrics API and the autoscaler each look every 15 s. */
const SCALE_UP_MS = 75_000

async function replicas({ kubectl }: Installation): Promise<number> {
  const { spec } = await kubectl.json<{ spec: { replicas: number } }>('get', 'deployment', APP)
  return spec.replicas
}

async function removeAutoscalers(installation: Installation, ...names: readonly string[]): Promise<void> {
  await installation.apply(LOCAL)
  await installation.kubectl.run(['delete', 'hpa', ...names, '--ignore-not-found'])
  await installation.rolledOut(READY_MS)
}

/** Doubles the rate until there are more pods: what a request costs depends on the processor. Returns the rate and the seconds. */
async function scaledUp(installation: Installation): Promise<{ rate: number; seconds: number }> {
  const beganMs = Date.now()
  for (let rate = FIRST_HIGH_RATE; ; rate *= 2) {
    await changeRate(installation, rate)
    try {
      await until(`more pods at ${rate}/s`, SCALE_UP_MS, async () =>
        (await replicas(installation)) > 2 ? true : undefined,
      )
      return { rate, seconds: Math.round((Date.now() - beganMs) / 1000) }
    } catch (error) {
      if (rate >= MAX_RATE) throw error
    }
  }
}

const byProcessor: Step = {
  name: 'autoscaling by CPU: up under a load, and down after it',
  short: false,
  async run({ installation }) {
    const { kubectl } = installation
    await kubectl.run(['annotate', `deployment/${APP}`, 'kubectl.kubernetes.io/last-applied-configuration-'])
    await installation.apply({ ...LOCAL, components: ['autoscaling/flask-app'] })
    let up = { rate: 0, seconds: 0 }
    let downMs = 0
    try {
      const load = await loadDuring(installation, async () => {
        up = await scaledUp(installation)
        await changeRate(installation, RATE)
        const beganMs = Date.now()
        await until(`two pods at ${RATE}/s`, 600_000, async () =>
          (await replicas(installation)) === 2 ? true : undefined,
        )
        downMs = Date.now() - beganMs
        await installation.rolledOut(READY_MS)
      })
      expect(load.failures === 0, `${load.failures} of ${load.requests} requests failed`)
      return `more pods after ${up.seconds} s, at ${up.rate}/s, two again ${Math.round(downMs / 1000)} s after; 0 of ${load.requests} requests failed`
    } finally {
      await changeRate(installation, RATE)
      await removeAutoscalers(installation, APP)
    }
  },
}

interface MetricValues {
  readonly items: readonly { readonly value: string }[]
}

/** The mean over pods, in millionths. */
async function measured({ kubectl, namespace }: Installation): Promise<number> {
  const { metric } = adapterRule(namespace)
  const path = `/apis/custom.metrics.k8s.io/v1beta2/namespaces/${namespace}/pods/*/${metric}`
  const { items }: MetricValues = JSON.parse((await kubectl.run(['get', '--raw', path])).stdout)
  const values = items.map(({ value }) => Number(value.replace('u', '')))
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The autoscaler with another target, that scales down at once. */
function autoscaler(micros: number): object {
  const { metric } = adapterRule('any')
  const averageValue = `${Math.max(1, Math.round(micros))}u`
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: APP },
    spec: {
      behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
      metrics: [{ type: 'Pods', pods: { metric: { name: metric }, target: { type: 'AverageValue', averageValue } } }],
    },
  }
}

const byRequestsInFlight: Step = {
  name: 'autoscaling by requests in flight, a metric of ours: up and down, as its target requires',
  short: false,
  async run({ installation }) {
    const { kubectl } = installation
    const { stdout } = await kubectl.run(['get', 'apiservice', API_SERVICE, '--ignore-not-found', '--output=name'])
    if (stdout.trim() !== '') return 'skipped: the cluster has another adapter for custom metrics'
    const component = { ...LOCAL, components: ['autoscaling/requests-in-flight'] }
    try {
      await installAdapter(installation)
      const value = await until('values of both pods', 180_000, async () => {
        const found = await measured(installation)
        return found > 0 ? found : undefined
      })
      await kubectl.run(['annotate', `deployment/${APP}`, 'kubectl.kubernetes.io/last-applied-configuration-'])
      await installation.apply({ ...component, patches: [autoscaler(value / 2)] })
      const most = await until('more pods', 240_000, async () => {
        const count = await replicas(installation)
        return count > 2 ? count : undefined
      })
      await installation.apply({ ...component, patches: [autoscaler(value * 10)] })
      await until('two pods', 240_000, async () => ((await replicas(installation)) === 2 ? true : undefined))
      return `${(value / 1e6).toFixed(4)} a pod: ${most} pods for a target of half of it, 2 for ten times as much`
    } finally {
      await removeAutoscalers(installation, APP)
      await removeAdapter(installation)
    }
  },
}

export const scalingSteps: readonly Step[] = [byRequestsInFlight, byProcessor]
