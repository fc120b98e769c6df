import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { invalidArgument } from '../../api/rpc-error.ts'

/** Reading a stored point costs less than keeping it in a response. */
const READ_TO_KEPT_RATIO = 5
const ADVICE = 'Use a narrower filter, a shorter interval or a longer alignment period.'

/** Limits the points that one request reads and computes, over all of its queries. */
export class QueryBudget {
  readonly #maxPoints: number
  #kept = 0
  #read = 0

  /** `maxPoints` is the number of points to keep in memory; five times as many may be read. */
  constructor(maxPoints: number) {
    this.#maxPoints = maxPoints
  }

  /** Counts one point for each series and alignment period. Throws INVALID_ARGUMENT if that is too many. */
  compute({ series, periods }: { series: number; periods: number }, field: string): void {
    this.#kept += series * periods
    if (this.#kept > this.#maxPoints)
      throw invalidArgument(
        `Field ${field}.alignmentPeriod results in too many points: ${series} series with ${periods} alignment ${plural(periods, 'period')} each${othersOf(this.#kept - series * periods)}; at most ${this.#maxPoints} points may be computed. ${ADVICE}`,
      )
  }

  /** Counts stored points, which are kept unless they are aligned. Throws INVALID_ARGUMENT if that is too many. */
  read(points: number, options: { kept: boolean }): void {
    this.#read += points
    if (options.kept) this.#kept += points
    const limit = options.kept ? this.#maxPoints : this.#maxPoints * READ_TO_KEPT_RATIO
    if ((options.kept ? this.#kept : this.#read) > limit)
      throw invalidArgument(
        `The query reads too many points: ${points}${othersOf((options.kept ? this.#kept : this.#read) - points)}; at most ${limit} may be read. ${ADVICE}`,
      )
  }
}

function othersOf(points: number): string {
  return points > 0 ? `, after ${points} ${plural(points, 'point')} for others` : ''
}
