/** `GET /api/promql/words`: the words of the query language besides metrics, for completion. */
export interface PromqlWords {
  readonly functions: readonly {
    readonly name: string
    /** Its argument and result types, such as `(range vector) instant vector`. */
    readonly signature: string
  }[]
  readonly aggregations: readonly string[]
}
