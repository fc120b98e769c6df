/** The result of a variant, and that of the baseline in the same seconds. */
export interface Measurement {
  readonly value: number
  readonly baseline: number
  /**
   * Ratios of other variants to this one, by name, where they were measured in turn with it. Bounds between the two use
   * these, because they spread less than two ratios to the baseline.
   */
  readonly others?: Readonly<Record<string, number>>
}

/** One of the things that a scenario compares. */
export interface Variant {
  readonly name: string
  /**
   * Measures once, for one round, and returns the result in the scenario's unit; undefined if this machine lacks what it
   * needs. It starts what it needs, and leaves behind only what the scenario's `close` stops.
   *
   * A plain number is compared to the baseline of the same round. On a machine whose speed changes within seconds it is
   * better to measure the baseline too, in turn with the variant, and to return both.
   */
  measure(): Promise<number | Measurement | undefined>
}

/** A lower bound for a variant, as a ratio to another variant of the same run. */
export interface Bound {
  readonly variant: string
  /** The variant that it is a ratio to; by default the baseline. A bound whose variants were not measured does not count. */
  readonly of?: string
  /** The bound is a share of what the baseline makes of `of`, which depends on the processor. */
  readonly asShareOfBaseline?: boolean
  readonly atLeast: number
}

/** Things that are compared with one another in one run. A package exports it as `scenario` from `bench/<name>.scenario.ts`. */
export interface Scenario {
  readonly name: string
  /** What is measured and how, in a sentence or two. */
  readonly description: string
  /** The unit of every result, for instance `requests/CPU-second`. More is better. */
  readonly unit: string
  /** The variant that the others are compared to. */
  readonly baseline: string
  readonly variants: readonly Variant[]
  /** What must hold; a missed bound makes the run fail. */
  readonly bounds?: readonly Bound[]
  /** Stops what is kept between measurements, such as servers that are measured again in each round. Called once, at the end or
   * after an error. */
  close?(): Promise<void>
}
