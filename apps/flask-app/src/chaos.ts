import { STATUS_CODES } from 'node:http'

/** The errors that chaos responds with: all registered status codes from 400 to 500. */
export const CHAOS_STATUSES: readonly number[] = Object.keys(STATUS_CODES)
  .map(Number)
  .filter((status) => status >= 400 && status <= 500)

/** Decides on one request: returns the status code to abort it with, or `undefined` to let it pass. */
export type Chaos = () => number | undefined

/** The number of requests over which the percentage is exact. */
const ROUND = 100

/**
 * Creates chaos that aborts a percentage of requests. Which ones is random, but how many of every 100 is exact
 * (selection sampling), so that the percentage is right even for few requests.
 *
 * @param targetPercent 0 to 100
 * @param random returns numbers from 0 up to but excluding 1
 */
export function createChaos(targetPercent: number, random: () => number = Math.random): Chaos {
  let requestsLeft = 0
  let abortsLeft = 0
  return () => {
    if (requestsLeft === 0) {
      requestsLeft = ROUND
      abortsLeft = Math.floor(targetPercent) + (random() < targetPercent % 1 ? 1 : 0)
    }
    const aborts = random() * requestsLeft < abortsLeft
    requestsLeft--
    if (!aborts) return undefined
    abortsLeft--
    return CHAOS_STATUSES[Math.floor(random() * CHAOS_STATUSES.length)]
  }
}
