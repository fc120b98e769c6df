/** How long pods may take until they are ready. */
export const READY_MS = 180_000

/** Waits some milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/**
 * Calls `attempt` every second until it returns something, and returns that.
 *
 * @throws Error with `what` and the last attempt's error when the time is over
 */
export async function until<T>(what: string, timeoutMs: number, attempt: () => Promise<T | undefined>): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs
  for (;;) {
    let failure = ''
    try {
      const result = await attempt()
      if (result !== undefined) return result
    } catch (error) {
      failure = `: ${error instanceof Error ? error.message : String(error)}`
    }
    if (Date.now() > deadlineMs) throw new Error(`not within ${timeoutMs / 1000} s: ${what}${failure}`)
    await sleep(1000)
  }
}
