import { setImmediate as nextIteration } from 'node:timers/promises'

/** On a machine that is short of processors such a moment is rare. */
const MAX_WAIT_MS = 8_000
/** An iteration of the event loop this short did next to nothing. */
const SHORT_ITERATION_MS = 0.1

/**
 * Resolves at a moment when no connection waits to be accepted, after eight seconds at the latest. When a listening socket closes, the kernel resets
 * the connections that wait, which are established for their clients. Close the socket at once then, without waiting for anything else.
 *
 * @param watch calls its argument for each accepted connection; returns a function that stops it
 */
export async function untilAcceptQueueIsEmpty(watch: (onAccepted: () => void) => () => void): Promise<void> {
  let hasAccepted = false
  const unwatch = watch(() => {
    hasAccepted = true
  })
  const deadline = performance.now() + MAX_WAIT_MS
  // The event loop accepts one connection per iteration. This first wait ends within an iteration, each later one lasts a whole one.
  await nextIteration()
  for (let startedAt = performance.now(); startedAt < deadline; startedAt = performance.now()) {
    hasAccepted = false
    await nextIteration()
    if (!hasAccepted && performance.now() - startedAt < SHORT_ITERATION_MS) break
  }
  unwatch()
}
