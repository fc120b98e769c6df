import type { Labels } from '../../contract/metrics.ts'

/** Labels as notifications show them: `{code=500, method=GET}`; empty if there are none. */
export function labelsText(labels: Labels): string {
  const entries = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  return entries.length === 0 ? '' : `{${entries.join(', ')}}`
}
