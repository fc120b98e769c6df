import { loadDuring } from '../../load.ts'
import { expect, type Step } from '../../step.ts'
import { readMetrics, sumOfSamples } from '../../stored.ts'
import { READY_MS, until } from '../../wait.ts'
import { evict, killProgram, restarts } from './pod-faults.ts'

const APP = 'flask-app-tutorial'

const rollingRestart: Step = {
  name: 'a rolling restart of flask-app under load',
  short: true,
  async run({ installation }) {
    const load = await loadDuring(installation, async () => {
      await installation.kubectl.run(['rollout', 'restart', `deployment/${APP}`])
      await installation.rolledOut(READY_MS)
    })
    expect(load.requests > 0, 'no load')
    expect(load.failures === 0, `${load.failures} of ${load.requests} requests failed`)
    return `0 of ${load.requests} requests failed`
  },
}

const eviction: Step = {
  name: 'a pod of flask-app is evicted under load',
  short: true,
  async run({ installation }) {
    const load = await loadDuring(installation, async () => {
      const [pod] = await installation.readyPods(APP, 2, READY_MS)
      const name = pod?.metadata.name ?? ''
      await evict(installation, name)
      await until('the evicted pod is gone', READY_MS, async () =>
        (await installation.pods(APP)).some(({ metadata }) => metadata.name === name) ? undefined : true,
      )
      await installation.readyPods(APP, 2, READY_MS)
    })
    expect(load.failures === 0, `${load.failures} of ${load.requests} requests failed`)
    return `0 of ${load.requests} requests failed`
  },
}

const killedApp: Step = {
  name: 'kill -9 of a container of flask-app under load',
  short: true,
  async run({ installation }) {
    const [pod] = await installation.readyPods(APP, 2, READY_MS)
    const before = await restarts(installation, APP)
    const load = await loadDuring(
      installation,
      async () => {
        await killProgram(installation, pod?.metadata.name ?? '', APP)
        await until('the container is restarted', READY_MS, async () =>
          (await restarts(installation, APP)) > before ? true : undefined,
        )
        await installation.readyPods(APP, 2, READY_MS)
      },
      5000,
    )
    // Of 20 requests a second: those in flight, and those sent until the endpoint is removed.
    expect(load.failures <= 20, `${load.failures} of ${load.requests} requests failed`)
    return `${load.failures} of ${load.requests} requests failed`
  },
}

const gracefulStops = (rounds: number, short: boolean): Step => ({
  name: `Prometheus is stopped gracefully ${rounds} times`,
  short,
  async run({ installation }) {
    const seconds: number[] = []
    for (let round = 0; round < rounds; round++) {
      const [pod] = await installation.readyPods('prometheus-k8s', 1, READY_MS)
      const startedMs = Date.now()
      await installation.kubectl.run(['delete', 'pod', pod?.metadata.name ?? '', '--wait'], { timeoutMs: 330_000 })
      seconds.push(Math.round((Date.now() - startedMs) / 1000))
      await installation.readyPods('prometheus-k8s', 1, READY_MS)
    }
    expect(Math.max(...seconds) <= 20, `stops took ${seconds.join(', ')} s`)
    return `stops took ${seconds.join(', ')} s`
  },
})

const continued: Step = {
  name: 'no sample is lost or refused after these restarts',
  short: true,
  async run({ installation }) {
    const metrics = await readMetrics(installation, 'deployment/prometheus-k8s', 9091)
    const refused = sumOfSamples(metrics, 'prometheus_sidecar_refused_points_total')
    const lines = metrics.split('\n').filter((line) => /^prometheus_sidecar_(dropped|refused).* [1-9]/.test(line))
    const first = sumOfSamples(metrics, 'prometheus_sidecar_dropped_samples_total', 'first_sample')
    const dropped = sumOfSamples(metrics, 'prometheus_sidecar_dropped_samples_total') - first
    expect(refused === 0 && dropped === 0, lines.join('; '))
    return `0 refused; ${first} first samples`
  },
}

const sidecarDown: Step = {
  name: 'Prometheus answers while its sidecar can’t write',
  short: true,
  async run({ installation }) {
    const { kubectl } = installation
    await kubectl.run(['scale', 'deployment/cloud-emulator', '--replicas=0'])
    try {
      await until('the sidecar is not ready', READY_MS, async () => {
        const [pod] = await installation.pods('prometheus-k8s')
        return pod?.status.containerStatuses?.some(({ name, ready }) => name === 'prometheus-sidecar' && !ready)
          ? true
          : undefined
      })
      const slices = await kubectl.json<{ items: { endpoints?: { conditions: { ready?: boolean } }[] }[] }>(
        ...['get', 'endpointslices', '--selector', 'kubernetes.io/service-name=prometheus-k8s'],
      )
      const endpoints = slices.items.flatMap((slice) => slice.endpoints ?? [])
      expect(
        endpoints.some(({ conditions }) => conditions.ready),
        'Service prometheus-k8s has no endpoint',
      )
    } finally {
      await kubectl.run(['scale', 'deployment/cloud-emulator', '--replicas=1'])
      await installation.rolledOut(READY_MS)
    }
    return 'the pod is not Ready, its Service has an endpoint'
  },
}

export const disturbanceSteps: readonly Step[] = [
  rollingRestart,
  eviction,
  killedApp,
  gracefulStops(3, true),
  continued,
  gracefulStops(17, false),
  sidecarDown,
]
