import { STATUS_CODES } from 'node:http'

/** The client and server errors that chaos answers with: the known status codes from 400 to 500. */
export const CHAOS_STATUSES: readonly number[] = Object.keys(STATUS_CODES)
  .map(Number)
  .filter((status) => status >= 400 && status <= 500)

/** Decides for one request: a status code to abort it with, or `undefined` to let it pass. */
export type Chaos = () => number | undefined

/**
 * Chaos that aborts a share of requests.
 *
 * @param targetPercent 0 to 100
 * @param random gives numbers from 0 up to, but not, 1
 */
export function createChaos(targetPercent: number, random: () => number = Math.random): Chaos {
  return () => {
    if (random() * 100 >= targetPercent) return undefined
    return CHAOS_STATUSES[Math.floor(random() * CHAOS_STATUSES.length)]
  }
}
