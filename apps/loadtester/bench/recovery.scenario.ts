import type { Scenario } from '@node-to-cloud/bench'
import { seconds } from './commands.ts'
import { type Fleet, fleetRate, startFleet, startLocustFleet } from './fleet.ts'
import { withSteadyFleet } from './steady-fleet.ts'
import type { Arrivals } from './target.ts'

const OURS = 'loadtester'
const LOCUST = 'Locust, rebalancing'
const BOUND = 'the bound: 1 s'

const steadySeconds = 3
const watchedSeconds = 12
const windowMs = 500
const lastingMs = 2000
const resolutionMs = 10

/** One over the seconds from the kill of one of three workers until the rate is back. */
function recoveriesPerSecond(start: (targetUrl: string) => Promise<Fleet | undefined>): Promise<number | undefined> {
  return withSteadyFleet(start, async (fleet, target) => {
    await seconds(steadySeconds)
    const killedMs = Date.now()
    fleet.workers[0]?.child.kill('SIGKILL')
    await seconds(watchedSeconds)
    return 1000 / recoveryMs(await target.arrivals(), killedMs)
  })
}

/**
 * When the rate is within 5 % of what it was before the kill, for half a second, and on average for the two seconds from
 * then on; a rate that does not come back counts as the time that it was watched.
 */
function recoveryMs(arrivals: Arrivals, killedMs: number): number {
  const needed = 0.95 * arrivals.rate(killedMs - 2000, killedMs)
  const lastMs = watchedSeconds * 1000 - lastingMs
  for (let afterMs = 0; afterMs < lastMs; afterMs += resolutionMs) {
    const fromMs = killedMs + afterMs
    if (arrivals.rate(fromMs, fromMs + windowMs) >= needed && arrivals.rate(fromMs, fromMs + lastingMs) >= needed)
      return Math.max(resolutionMs, afterMs)
  }
  return watchedSeconds * 1000
}

export const scenario: Scenario = {
  name: 'loadtester-recovery',
  description: `One of three workers is killed (SIGKILL) while they make ${fleetRate} requests a second. The figure is 1 divided by the seconds until the rate is within 5 % again; the resolution is 10 ms.`,
  unit: '1/s',
  baseline: BOUND,
  variants: [
    { name: BOUND, measure: async () => 1 },
    { name: OURS, measure: () => recoveriesPerSecond((url) => startFleet(url, 'hello.yml', fleetRate)) },
    { name: LOCUST, measure: () => recoveriesPerSecond(startLocustFleet) },
  ],
  bounds: [{ variant: OURS, of: BOUND, atLeast: 1 }],
}
