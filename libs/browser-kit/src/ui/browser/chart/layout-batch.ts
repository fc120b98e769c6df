/** Reads the layout of the page, and returns a function that changes the page. */
export type LayoutStep = () => (() => void) | undefined

let waiting: LayoutStep[] = []

/**
 * Runs a step soon, together with all others: first all of them read the layout, then all change the page. So the
 * browser computes the layout once instead of once per step. A change may schedule further steps.
 */
export function withLayout(step: LayoutStep): void {
  waiting.push(step)
  if (waiting.length === 1) queueMicrotask(runSteps)
}

function runSteps(): void {
  const steps = waiting
  waiting = []
  const changes = steps.map((step) => step())
  for (const change of changes) change?.()
}
