/** Reads the layout of the page, and returns what then changes the page. */
export type LayoutStep = () => (() => void) | undefined

let waiting: LayoutStep[] = []

/**
 * Runs a step soon, with those of all others: first all read the layout, then all change the page. So the browser lays
 * out the page once, and not again for each of them. What a step changes may lead to further steps.
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
