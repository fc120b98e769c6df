/** What a query may take. */
export interface QueryLimits {
  readonly maxSamples: number
  readonly timeoutMs: number
}
