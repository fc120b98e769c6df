/** What a variant made, and what the baseline made in the same seconds. */
export interface Measurement {
  readonly value: number
  readonly baseline: number
  /**
   * Other variants as ratios to the one that is measured here, by name, where each was measured in turn with it. Bounds between the two are on these, which
   * spread less than two ratios to the baseline.
   */
  readonly others?: Readonly<Record<string, number>>
}

/** One way to do the thing that a scenario measures. */
export interface Variant {
  readonly name: string
  /**
   * Does it once, for one round, and gives the result in the scenario's unit. It starts what it needs, and leaves
   * nothing behind but what the scenario's `close` ends. Gives undefined where this machine lacks what it needs.
   *
   * A plain number is a ratio of what the baseline made in that round. On a machine whose speed changes within seconds a variant
   * does better to measure the baseline too, in turn with itself, and to give both.
   */
  measure(): Promise<number | Measurement | undefined>
}

/** A lower bound for a variant, as a ratio to another variant of the same run. */
export interface Bound {
  readonly variant: string
  /** What it is a ratio of; the baseline where it is left out. A bound whose variants were not measured does not count. */
  readonly of?: string
  readonly atLeast: number
}

/** Things that are compared with one another in one run. A room exports it from `bench/<name>.ts` as `scenario`. */
export interface Scenario {
  readonly name: string
  /** What is measured and how, in a sentence or two. */
  readonly description: string
  /** The unit of every result, for instance `requests/CPU-second`. More is better. */
  readonly unit: string
  /** The variant that the others are ratios of. */
  readonly baseline: string
  readonly variants: readonly Variant[]
  /** What has to hold; a miss makes the run fail. */
  readonly bounds?: readonly Bound[]
  /** Ends what stays between measurements, such as servers that are measured again each round. Called once, at the end or after an error. */
  close?(): Promise<void>
}
