import type { Installation } from '../installation.ts'
import { changeRate, loadDuring } from '../load.ts'
import { expect, type Step } from '../step.ts'
import { READY_MS, until } from '../wait.ts'
import { API_SERVICE, adapterRule, installAdapter, removeAdapter } from './custom-metrics-adapter.ts'

const APP = 'flask-app-tutorial'
const LOCAL = { base: 'overlays/local' } as const
const RATE = 20
const HIGH_RATE = 200

async function replicas({ kubectl }: Installation): Promise<number> {
  const { spec } = await kubectl.json<{ spec: { replicas: number } }>('get', 'deployment', APP)
  return spec.replicas
}

async function removeAutoscalers(installation: Installation, ...names: readonly string[]): Promise<void> {
  await installation.apply(LOCAL)
  await installation.kubectl.run(['delete', 'hpa', ...names, '--ignore-not-found'])
  await installation.rolledOut(READY_MS)
}

const byProcessor: Step = {
  name: 'autoscaling by CPU: up under a load, and down after it',
  short: false,
  async run({ installation }) {
    const seconds: number[] = []
    const { kubectl } = installation
    await kubectl.run(['annotate', `deployment/${APP}`, 'kubectl.kubernetes.io/last-applied-configuration-'])
    await installation.apply({ ...LOCAL, components: ['autoscaling/flask-app'] })
    try {
      const load = await loadDuring(installation, async () => {
        for (const [rate, reached] of [
          [HIGH_RATE, (count: number) => count > 2],
          [RATE, (count: number) => count === 2],
        ] as const) {
          await changeRate(installation, rate)
          const began = Date.now()
          await until(`other replicas at ${rate}/s`, 600_000, async () =>
            reached(await replicas(installation)) ? true : undefined,
          )
          seconds.push(Math.round((Date.now() - began) / 1000))
        }
        await installation.rolledOut(READY_MS)
      })
      expect(load.failures === 0, `${load.failures} of ${load.requests} requests failed`)
      return `more pods after ${seconds[0]} s at ${HIGH_RATE}/s, two again ${seconds[1]} s after; 0 of ${load.requests} requests failed`
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
  name: 'autoscaling by requests in flight, a metric of ours: up and down as its target says',
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
