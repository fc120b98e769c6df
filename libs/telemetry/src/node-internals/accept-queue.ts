import { setImmediate as nextIteration } from 'node:timers/promises'

const MAX_WAIT_MS = 1_000
/** An iteration of the event loop that did next to nothing. */
const SHORT_ITERATION_MS = 0.1

/**
 * Resolves in an instant in which no connection waits to be accepted, for who is about to stop listening: the kernel resets those that wait when a
 * listening socket closes, although their clients hold them for made. Close it at once then, before anything else is waited for. After a second
 * without such an instant it resolves all the same.
 *
 * @param watch calls what it is given for each connection that is accepted, until the function that it gives is called
 */
export async function untilNobodyWaits(watch: (onAccepted: () => void) => () => void): Promise<void> {
  let hasAccepted = false
  const unwatch = watch(() => {
    hasAccepted = true
  })
  const deadline = performance.now() + MAX_WAIT_MS
  // The loop accepts one connection an iteration. This first wait ends within an iteration, each one after it lasts a whole one.
  await nextIteration()
  for (let begun = performance.now(); begun < deadline; begun = performance.now()) {
    hasAccepted = false
    await nextIteration()
    if (!hasAccepted && performance.now() - begun < SHORT_ITERATION_MS) break
  }
  unwatch()
}
