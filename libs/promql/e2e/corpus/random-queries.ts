/** Numbers from 0 up to but excluding 1; always the same for a seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const OF_RANGE =
  'rate increase delta irate idelta resets changes deriv avg_over_time sum_over_time min_over_time max_over_time count_over_time stddev_over_time stdvar_over_time last_over_time present_over_time absent_over_time'.split(
    ' ',
  )
const NEW_OF_RANGE = 'first_over_time mad_over_time ts_of_max_over_time ts_of_min_over_time ts_of_last_over_time'.split(
  ' ',
)
const OF_VECTOR =
  'abs ceil floor sgn sqrt ln log2 log10 exp deg rad sin cos tanh atan timestamp absent sort sort_desc round'.split(' ')

/** Generates random queries, most of which have a result. */
export class RandomQueries {
  readonly #random: () => number
  readonly #includesNew: boolean

  constructor(seed: number, { includesNew }: { readonly includesNew: boolean }) {
    this.#random = randomNumbers(seed)
    this.#includesNew = includesNew
  }

  next(): string {
    const depth = 1 + this.below(3)
    return this.below(10) === 0 ? this.#scalar(depth) : this.#vector(depth)
  }

  below(end: number): number {
    return Math.floor(this.#random() * end)
  }

  #of(...choices: readonly string[]): string {
    return choices[this.below(choices.length)] ?? ''
  }

  #selector(): string {
    const newer = this.#includesNew ? ['native', 'custom', 'mixed', 'aligned_total'] : []
    const name = this.#of(
      'requests_total',
      'requests_total',
      'temperature',
      'latency_bucket',
      'errors_total',
      'zero',
      'target_info',
      ...newer,
    )
    return (
      name +
      this.#of(
        '',
        '',
        '{job="api"}',
        '{job=~"api|web"}',
        '{instance!="a"}',
        '{code=~"2.."}',
        '{room!~"h.*"}',
        '{none=""}',
      )
    )
  }

  #shift(): string {
    const choices = [
      ' offset 1m',
      ' offset -1m',
      ' offset 7m30s',
      ' @ 1700001000',
      ' @ 1700001800.5',
      ' @ start()',
      ' @ end()',
      ' @ 1700001200 offset 1m',
    ]
    return this.below(3) === 0 ? this.#of(...choices) : ''
  }

  #range(depth: number): string {
    const duration = this.#of('1m', '2m', '5m', '90s', '17m', '45s', '1h', ...(this.#includesNew ? ['1m * 2'] : []))
    if (depth > 0 && this.below(10) < 3) {
      return `(${this.#vector(depth - 1)})[${duration}:${this.#of('', '30s', '1m', '17s')}]${this.#shift()}`
    }
    return `${this.#selector()}[${duration}]${this.#shift()}`
  }

  #number(): string {
    return this.#of('0', '1', '2', '0.5', '-1', '1e3', 'NaN', 'Inf', '-Inf', '10', '0.9', '3')
  }

  #scalar(depth: number): string {
    if (depth === 0 || this.below(10) < 4) return this.#of(this.#number(), this.#number(), 'time()', 'pi()')
    if (this.below(2) === 0) return `scalar(${this.#vector(depth - 1)})`
    return `(${this.#scalar(depth - 1)} ${this.#of('+', '-', '*', '/', '%', '== bool', '> bool')} ${this.#scalar(depth - 1)})`
  }

  #grouping(): string {
    return this.#of(
      '',
      ' by (job)',
      ' by (job, instance)',
      ' without (instance)',
      ' by (le)',
      ' without (le)',
      ' by (room)',
      ' by ()',
    )
  }

  #vector(depth: number): string {
    if (depth === 0) return this.#selector() + this.#shift()
    switch (this.below(10)) {
      case 0:
        return this.#selector() + this.#shift()
      case 1:
      case 2:
        return this.#aggregation(depth)
      case 3:
        return this.#binary(depth)
      case 4:
        return `-(${this.#vector(depth - 1)})`
      case 5:
      case 6:
      case 7:
        return this.#overRange(depth)
      default:
        return this.#call(depth)
    }
  }

  #aggregation(depth: number): string {
    const inner = this.#vector(depth - 1)
    if (this.below(5) === 0)
      return `${this.#of('topk', 'bottomk', 'quantile')}${this.#grouping()} (${this.#number()}, ${inner})`
    return `${this.#of('sum', 'avg', 'min', 'max', 'count', 'stddev', 'stdvar', 'group')}${this.#grouping()} (${inner})`
  }

  #binary(depth: number): string {
    const [left, right] = [this.#vector(depth - 1), this.#vector(depth - 1)]
    const operator = this.#of('+', '-', '*', '/', '%', '==', '!=', '>', '<', '>=', '<=', '== bool', '> bool')
    switch (this.below(4)) {
      case 0:
        return `(${this.#scalar(depth - 1)} ${operator} ${right})`
      case 1:
        return `(${left} ${operator} ${this.#scalar(depth - 1)})`
      case 2:
        return `(${left} ${this.#of('and', 'or', 'unless')}${this.#of('', ' on (job)', ' ignoring (code)', ' on ()')} ${right})`
      default: {
        const newer = this.#includesNew ? [' fill (0)', ' on (job) fill_left (1)'] : []
        const matching = this.#of(
          '',
          ' on (job)',
          ' ignoring (code)',
          ' on (job, instance)',
          ' on (job) group_left ()',
          ' on (job) group_right (version)',
          ...newer,
        )
        return `(${left} ${operator}${matching} ${right})`
      }
    }
  }

  #overRange(depth: number): string {
    const range = this.#range(depth - 1)
    switch (this.below(10)) {
      case 0:
        return `quantile_over_time(${this.#number()}, ${range})`
      case 1:
        return `predict_linear(${range}, ${this.#number()})`
      default:
        return `${this.#of(...OF_RANGE, ...(this.#includesNew ? NEW_OF_RANGE : []))}(${range})`
    }
  }

  #call(depth: number): string {
    const inner = this.#vector(depth - 1)
    switch (this.below(8)) {
      case 0:
        return `histogram_quantile(${this.#number()}, ${inner})`
      case 1:
        return `label_replace(${inner}, "${this.#of('job', 'new')}", "$1-x", "${this.#of('job', 'le', '__name__')}", "${this.#of('(.*)', '(a.*)', 'x')}")`
      case 2:
        return `label_join(${inner}, "${this.#of('job', 'new')}", "-", "job", "instance")`
      case 3:
        return `${this.#of('clamp_min', 'clamp_max', 'round')}(${inner}, ${this.#number()})`
      case 4:
        return `vector(${this.#scalar(depth - 1)})`
      case 5:
        return `${this.#of('hour', 'minute', 'month', 'day_of_year', 'days_in_month', 'year', 'day_of_week')}(${this.#of('seconds', 'vector(time())', 'vector(-1e9)')})`
      default:
        return `${this.#of(...OF_VECTOR)}(${inner})`
    }
  }
}
