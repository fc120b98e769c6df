import { until } from './commands.ts'
import { type Fleet, fleetRate } from './fleet.ts'
import { Target } from './target.ts'

const rateWindowMs = 2000

/**
 * Starts a target and a fleet that loads it, waits until three workers make the load, and ends both after `measure`.
 *
 * @returns what `measure` gives; undefined where this machine lacks what the fleet needs
 */
export async function withSteadyFleet<Result>(
  start: (targetUrl: string) => Promise<Fleet | undefined>,
  measure: (fleet: Fleet, target: Target) => Promise<Result>,
): Promise<Result | undefined> {
  const target = await Target.start()
  try {
    const fleet = await start(target.url)
    if (fleet === undefined) return undefined
    try {
      const isSteady = async (): Promise<boolean> => {
        const now = Date.now()
        return (await target.arrivals()).rate(now - rateWindowMs, now) > 0.9 * fleetRate
      }
      await until(isSteady, 'three workers make the load')
      return await measure(fleet, target)
    } finally {
      await fleet.close()
    }
  } finally {
    await target.stop()
  }
}
