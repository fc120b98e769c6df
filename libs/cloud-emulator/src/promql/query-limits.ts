/** The limits of a query. */
export interface QueryLimits {
  readonly maxSamples: number
  readonly timeoutMs: number
}
