import { type Installation, ONE_WORKER } from '../../installation.ts'
import type { Pod } from '../../pod.ts'
import { expect, type Step } from '../../step.ts'
import { askEmulator } from '../../stored.ts'
import { READY_MS, sleep, until } from '../../wait.ts'

const PROMETHEUS = 'prometheus-k8s'
/** The lease lasts 15 s, and is asked for every third of that. */
const TAKEOVER_MS = 30_000

interface Lease {
  readonly spec: { readonly holderIdentity?: string }
}

/** The pod whose sidecar holds the lease; an identity begins with the host's name, which is the pod's. */
async function leader(installation: Installation): Promise<Pod | undefined> {
  const { spec } = await installation.kubectl.json<Lease>('get', 'lease', 'prometheus-sidecar')
  const pods = await installation.pods(PROMETHEUS)
  return pods.find(({ metadata }) => spec.holderIdentity?.startsWith(metadata.name))
}

/** When the newest point of flask-app's requests was stored for. */
async function newestPointMs(installation: Installation): Promise<number> {
  const { metrics } = await askEmulator(installation, '/api/metrics')
  return metrics.find(({ type }) => type.endsWith('/flask_http_request'))?.lastPointMs ?? 0
}

function isEarly({ reason }: { readonly reason: string }): boolean {
  return reason === 'rate'
}

const killedLeader: Step = {
  name: 'high-availability: the pod of the elected sidecar is killed, and the other one writes',
  short: false,
  isIndependent: true,
  async run({ another }) {
    const installation = another()
    await installation.create()
    await installation.apply({ base: 'tests/high-availability', patches: [ONE_WORKER] })
    await installation.rolledOut(READY_MS)
    await installation.readyPods(PROMETHEUS, 2, READY_MS)
    const seconds: number[] = []
    for (let round = 0; round < 2; round++) {
      const before = await until('a leader', 60_000, () => leader(installation))
      await until('points', 120_000, async () => ((await newestPointMs(installation)) > 0 ? true : undefined))
      const killedMs = Date.now()
      await installation.kubectl.run(['delete', 'pod', before.metadata.name, '--grace-period=0', '--force'])
      const after = await until('another leader', TAKEOVER_MS, async () => {
        const found = await leader(installation)
        return found !== undefined && found.metadata.name !== before.metadata.name ? found : undefined
      })
      seconds.push(Math.round((Date.now() - killedMs) / 1000))
      await until(`points by ${after.metadata.name}`, 120_000, async () =>
        (await newestPointMs(installation)) > killedMs + TAKEOVER_MS ? true : undefined,
      )
      await installation.readyPods(PROMETHEUS, 2, READY_MS)
    }
    // Both have scraped twice more.
    await sleep(60_000)
    const { pointsAccepted } = await askEmulator(installation, '/api/summary')
    const { byReason } = await askEmulator(installation, '/api/refusals', { limit: '1' })
    // The first sample of the next leader may come less than 5 s after the last one of the one before.
    const [early, others] = [byReason.filter(isEarly), byReason.filter((group) => !isEarly(group))]
    expect(others.length === 0, `of ${pointsAccepted} points ${JSON.stringify(others)} were refused`)
    const tooEarly = early.reduce((sum, { points }) => sum + points, 0)
    return `taken over in ${seconds.join(' and ')} s; of ${pointsAccepted} points 0 refused because of a second writer, and ${tooEarly} as too early`
  },
}

export const highAvailabilitySteps: readonly Step[] = [killedLeader]
