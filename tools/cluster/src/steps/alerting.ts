import { type Composition, type Installation, ONE_WORKER } from '../installation.ts'
import { expect, type Step } from '../step.ts'
import { askEmulator } from '../stored.ts'
import { READY_MS, until } from '../wait.ts'

const LOCAL: Composition = { base: 'overlays/local', patches: [ONE_WORKER] }
const POLICY = 'flask-app: error budget'

/** Incidents of the policy on the error budget, the newest first. */
async function incidents(installation: Installation) {
  const view = await askEmulator(installation, '/api/alerting')
  expect(
    view.policies.some(({ displayName, state }) => displayName === POLICY && state !== 'invalid'),
    `no policy ${POLICY}`,
  )
  return view.incidents.filter(({ policyName }) => policyName === POLICY)
}

const burnRate: Step = {
  name: 'the alert on flask-app’s error budget fires when chaos spends it, and closes',
  short: false,
  isIndependent: true,
  async run({ another }) {
    const installation = another()
    await installation.create()
    await installation.apply(LOCAL)
    await installation.rolledOut(READY_MS)
    expect((await incidents(installation)).length === 0, 'it fires already')
    const began = Date.now()
    const seconds = (): number => Math.round((Date.now() - began) / 1000)
    await installation.apply({ ...LOCAL, chaosPercent: 60 })
    await installation.rolledOut(READY_MS)
    const opened = await until('the alert fires', 600_000, async () =>
      (await incidents(installation)).find(({ closedMs }) => closedMs === undefined),
    )
    const openedAfter = seconds()
    await installation.apply(LOCAL)
    await installation.rolledOut(READY_MS)
    await until('the alert closes', 900_000, async () =>
      (await incidents(installation)).some(({ id, closedMs }) => id === opened.id && closedMs !== undefined)
        ? true
        : undefined,
    )
    return `fired ${openedAfter} s after the chaos (${opened.severity}), closed after ${seconds()} s`
  },
}

export const alertingSteps: readonly Step[] = [burnRate]
