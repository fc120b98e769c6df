/** `GET /api/promql/words`: what a query may be made of besides metrics, for those who type one. */
export interface PromqlWords {
  readonly functions: readonly {
    readonly name: string
    /** What it takes and returns, such as `(range vector) instant vector`. */
    readonly signature: string
  }[]
  readonly aggregations: readonly string[]
}
