import { setImmediate as nextIteration } from 'node:timers/promises'

/** On a machine with too few CPUs such a moment is rare. */
const MAX_WAIT_MS = 8_000
/**
 * An iteration of the event loop this short did almost nothing; if there is none for a second, a longer one has to do.
 */
const SHORT_ITERATION_MS = 0.03
const LONGER_ITERATION_MS = 0.1
const LONGER_AFTER_MS = 1_000

/**
 * Calls `close` at a moment when no connection is waiting to be accepted, after eight seconds at the latest. When a
 * listening socket is closed, the kernel resets the waiting connections, which are already established for their
 * clients: `close` must close it before anything else.
 *
 * @param watch calls its argument for each accepted connection; returns a function that stops that
 * @returns what `close` returns
 */
export async function atEmptyAcceptQueue<Closed>(
  watch: (onAccepted: () => void) => () => void,
  close: () => Promise<Closed>,
): Promise<Closed> {
  let hasAccepted = false
  const unwatch = watch(() => {
    hasAccepted = true
  })
  const waitStartedAt = performance.now()
  // The event loop accepts one connection per iteration. This first wait ends within an iteration, each later one lasts
  // a whole one.
  await nextIteration()
  for (let startedAt = performance.now(); startedAt - waitStartedAt < MAX_WAIT_MS; startedAt = performance.now()) {
    hasAccepted = false
    await nextIteration()
    const isEarly = startedAt - waitStartedAt < LONGER_AFTER_MS
    if (!hasAccepted && performance.now() - startedAt < (isEarly ? SHORT_ITERATION_MS : LONGER_ITERATION_MS)) break
  }
  const closed = close()
  unwatch()
  return closed
}
