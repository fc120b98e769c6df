import type { Quantiles } from './run-report.ts'

/** A figure of a distribution, or undefined when nothing was measured: no response is not one within 0 ms. */
export function measured({ count }: Pick<Quantiles, 'count'>, value: number): number | undefined {
  return count === 0 ? undefined : value
}
