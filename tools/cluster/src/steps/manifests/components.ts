import { ONE_WORKER } from '../../installation.ts'
import { callLoadTester, loadDuring, readLoad } from '../../load.ts'
import { expect, type Step } from '../../step.ts'
import { READY_MS, sleep, until } from '../../wait.ts'
import { reachedFromOutside } from '../reached-from-outside.ts'

const LOCAL = { base: 'overlays/local' } as const

const policies: Step = {
  name: 'network policies: a run can be started, and strangers reach only flask-app',
  short: true,
  async run({ installation }) {
    await installation.apply({ ...LOCAL, components: ['network-policies'] })
    // The policies take effect a moment later.
    await sleep(5000)
    await callLoadTester(installation, '/stop')
    const started = await callLoadTester<{ success: boolean }>(installation, '/swarm', {
      method: 'POST',
      body: JSON.stringify({ user_count: 5, spawn_rate: 5 }),
    })
    expect(started.success, 'the run was not started')
    const rate = await until('requests of the new run', 60_000, async () => {
      const { requests, failures } = await readLoad(installation)
      return requests > 50 ? { requests, failures } : undefined
    })
    expect(rate.failures === 0, `${rate.failures} of ${rate.requests} requests failed`)
    const pods = await installation.pods()
    const metrics = pods.map(({ status }) => `http://${status.podIP}:9090/metrics`)
    const answered = await reachedFromOutside(installation, [
      'http://flask-app-tutorial/',
      ...['loadtester-master:8089', 'prometheus-k8s:9090', 'cloud-emulator:8085', 'cloud-emulator:8086'].map(
        (address) => `http://${address}/`,
      ),
      ...metrics,
    ])
    expect(answered.join() === 'http://flask-app-tutorial/', `a stranger reaches ${answered.join(', ')}`)
    return `${rate.requests} requests of a new run; ${metrics.length + 4} addresses refused`
  },
}

const autoscaling: Step = {
  name: 'autoscaling is added and removed without a dip',
  short: true,
  async run({ installation }) {
    const { kubectl } = installation
    const names = ['flask-app-tutorial', 'loadtester-worker'] as const
    const least = new Map<string, number>(names.map((name) => [name, Number.POSITIVE_INFINITY]))
    let watching = true
    const watch = (async () => {
      while (watching) {
        for (const name of names) {
          const { spec } = await kubectl.json<{ spec: { replicas: number } }>('get', 'deployment', name)
          least.set(name, Math.min(least.get(name) ?? 0, spec.replicas))
        }
        await sleep(300)
      }
    })()
    try {
      const deployments = names.map((name) => `deployment/${name}`)
      await kubectl.run(['annotate', ...deployments, 'kubectl.kubernetes.io/last-applied-configuration-'])
      await installation.apply({ ...LOCAL, components: ['network-policies', 'autoscaling'] })
      await sleep(20_000)
      await installation.apply({ ...LOCAL, components: ['network-policies'] })
      await kubectl.run(['delete', 'hpa', ...names])
      await sleep(3000)
    } finally {
      watching = false
      await watch
    }
    const [app = 0, workers = 0] = names.map((name) => least.get(name))
    expect(app >= 2 && workers >= 5, `down to ${app} pods of flask-app and ${workers} workers`)
    return `never below ${app} pods of flask-app and ${workers} workers`
  },
}

const sideBySide: Step = {
  name: 'a second installation comes and goes, and the first one stays as it is',
  short: true,
  async run({ installation, another }) {
    const second = another()
    await second.create()
    await second.apply({ ...LOCAL, patches: [ONE_WORKER] })
    await second.rolledOut(READY_MS)
    const load = await loadDuring(installation, () => second.remove())
    expect(load.requests > 0 && load.failures === 0, `${load.failures} of ${load.requests} requests failed`)
    const allowed = await installation.kubectl.run([
      ...['auth', 'can-i', 'list', 'pods', '--as', `system:serviceaccount:${installation.namespace}:prometheus-k8s`],
    ])
    expect(allowed.stdout.trim() === 'yes', 'the first Prometheus may not list pods any more')
    return `0 of ${load.requests} requests failed; rights unchanged`
  },
}

const removal: Step = {
  name: 'delete leaves nothing but claims’ volumes and the token',
  short: true,
  async run({ installation }) {
    // The policies are there only if the step that applies them has run.
    await installation.deleteObjects({ ...LOCAL, components: ['network-policies'] }, '--ignore-not-found')
    const kinds =
      'all,configmaps,secrets,serviceaccounts,roles,rolebindings,networkpolicies,persistentvolumeclaims,hpa,pdb'
    const left = await until('all objects are gone', 120_000, async () => {
      const { stdout } = await installation.kubectl.run(['get', kinds, '--output=name'])
      const names = stdout.split('\n').filter((name) => name !== '' && !MADE_BY_KUBERNETES.has(name))
      return names.every((name) => name === 'secret/loadtester-token') ? names : undefined
    })
    return left.length === 0 ? 'nothing left' : `only ${left.join(', ')} left, which the README says how to delete`
  },
}

const MADE_BY_KUBERNETES: ReadonlySet<string> = new Set(['configmap/kube-root-ca.crt', 'serviceaccount/default'])

/** Those after these steps run with policies. */
export const policySteps: readonly Step[] = [policies]

export const componentSteps: readonly Step[] = [autoscaling, sideBySide, removal]
