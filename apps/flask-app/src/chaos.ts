import { STATUS_CODES } from 'node:http'

/** The client and server errors that chaos answers with: the known status codes from 400 to 500. */
export const CHAOS_STATUSES: readonly number[] = Object.keys(STATUS_CODES)
  .map(Number)
  .filter((status) => status >= 400 && status <= 500)

/** Decides for one request: a status code to abort it with, or `undefined` to let it pass. */
export type Chaos = () => number | undefined

/** Requests among which the share is kept exactly. */
const ROUND = 100

/**
 * Chaos that aborts a share of requests: which ones is random, how many of each 100 is not (selection sampling), so that the share also
 * holds over few requests.
 *
 * @param targetPercent 0 to 100
 * @param random gives numbers from 0 up to, but not, 1
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
