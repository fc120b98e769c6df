import type { Scenario } from '@node-to-cloud/bench'
import { seconds } from './commands.ts'
import { type Fleet, fleetRate, startFleet, startLocustFleet } from './fleet.ts'
import { withSteadyFleet } from './steady-fleet.ts'

const OURS = 'loadtester'
const LOCUST = 'Locust'
const BOUND = 'the bound: 1 s'

const watchedSeconds = 4
const resolutionMs = 10
/** Requests of one virtual user of `session.yml`. */
const requestsPerUser = 20

/** One over the seconds from asking for the stop until the last request; a load that goes on counts as the time watched. */
function stopsPerSecond(start: (targetUrl: string) => Promise<Fleet | undefined>): Promise<number | undefined> {
  return withSteadyFleet(start, async (fleet, target) => {
    const askedMs = Date.now()
    await fleet.stopLoad()
    await seconds(watchedSeconds)
    const { lastMs } = await target.arrivals()
    return 1000 / Math.max(resolutionMs, lastMs - askedMs)
  })
}

export const scenario: Scenario = {
  name: 'loadtester-stop',
  description: `Three workers make ${fleetRate} requests a second by virtual users in the middle of their flows, and the master is asked to stop. The figure is 1 divided by the seconds until the last request; the resolution is 10 ms.`,
  unit: '1/s',
  baseline: BOUND,
  variants: [
    { name: BOUND, measure: async () => 1 },
    { name: OURS, measure: () => stopsPerSecond((url) => startFleet(url, 'session.yml', fleetRate / requestsPerUser)) },
    { name: LOCUST, measure: () => stopsPerSecond(startLocustFleet) },
  ],
  bounds: [{ variant: OURS, of: BOUND, atLeast: 1 }],
}
