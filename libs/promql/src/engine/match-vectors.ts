import type { Annotations } from '../evaluation/annotations.ts'
import { type Evaluation, keepsDuplicates } from '../evaluation/evaluation.ts'
import { QueryError } from '../evaluation/query-error.ts'
import { NOTHING, SeriesCollector, type StepSeries } from '../evaluation/step-series.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import type { Labels } from '../labels/labels.ts'
import type { Binary } from '../parse/ast.ts'
import { changesMeaning, elementOperation } from './operators.ts'

type Value = number | FloatHistogram

/** One side of an operation: its series, each with the signature that is matched with the other side's. */
interface Side {
  readonly series: readonly StepSeries[]
  readonly signatures: readonly Labels[]
  /** The value used where this side has no matching series. */
  readonly fill: number | undefined
}

/** Evaluates an operator between two vectors, other than a set operator. */
export function matchVectors(
  evaluation: Evaluation,
  expression: Binary,
  left: readonly StepSeries[],
  right: readonly StepSeries[],
  signature: (labels: Labels) => Labels,
): StepSeries[] {
  const { fillLeft, fillRight, cardinality } = expression.matching
  const side = (series: readonly StepSeries[], fill: number | undefined): Side => {
    return { series, signatures: series.map(({ labels }) => signature(labels)), fill }
  }
  const sides = [side(left, fillLeft), side(right, fillRight)] as const
  // One side may have several series that match one series of the other.
  const [many, one] = cardinality === 'one-to-many' ? [sides[1], sides[0]] : sides
  return new VectorMatcher(evaluation, expression, many, one).match()
}

class VectorMatcher {
  readonly #evaluation: Evaluation
  readonly #expression: Binary
  readonly #many: Side
  readonly #one: Side
  readonly #collector: SeriesCollector
  #lastAnnotation: ((annotations: Annotations) => void) | undefined
  /** The series of the result by the pair of series that they come from. */
  readonly #outputs = new Map<StepSeries | undefined, Map<StepSeries | undefined, StepSeries>>()

  constructor(evaluation: Evaluation, expression: Binary, many: Side, one: Side) {
    this.#evaluation = evaluation
    this.#expression = expression
    this.#many = many
    this.#one = one
    this.#collector = new SeriesCollector(evaluation, keepsDuplicates(evaluation))
  }

  match(): StepSeries[] {
    for (let step = 0; step < this.#evaluation.steps; step++) {
      this.#matchStep(step)
      this.#reportLastAnnotation()
    }
    return this.#collector.result()
  }

  #matchStep(step: number): void {
    if (this.#nothingMatches(step)) return
    const ones = this.#onesAt(step)
    const matched = new Map<string, Set<string>>()
    for (const [i, series] of this.#many.series.entries()) {
      const value = series.at(step)
      const signature = this.#many.signatures[i]
      if (value === undefined || signature === undefined) continue
      this.#evaluation.budget.checkTime()
      const one = ones.get(signature.key)
      const other = one?.at(step) ?? this.#one.fill
      if (other !== undefined) this.#operate(step, { many: series, one, signature }, value, other, matched)
    }
    if (this.#many.fill === undefined) return
    for (const [i, series] of this.#one.series.entries()) {
      const value = series.at(step)
      const signature = this.#one.signatures[i]
      if (value === undefined || signature === undefined || matched.has(signature.key)) continue
      this.#operate(step, { many: undefined, one: series, signature }, this.#many.fill, value, matched)
    }
  }

  #reportLastAnnotation(): void {
    this.#lastAnnotation?.(this.#evaluation.annotations)
    this.#lastAnnotation = undefined
  }

  /** If one side has no series, duplicate signatures on the other side are not an error. */
  #nothingMatches(step: number): boolean {
    const isEmpty = ({ series }: Side) => series.every(({ kinds }) => kinds[step] === NOTHING)
    const hasFill = this.#many.fill !== undefined || this.#one.fill !== undefined
    const empty = [this.#many, this.#one].filter(isEmpty).length
    return hasFill ? empty === 2 : empty > 0
  }

  #onesAt(step: number): Map<string, StepSeries> {
    const ones = new Map<string, StepSeries>()
    for (const [i, series] of this.#one.series.entries()) {
      const signature = this.#one.signatures[i]
      if (signature === undefined || series.at(step) === undefined) continue
      const other = ones.get(signature.key)
      if (other !== undefined) throw this.#ambiguous(signature, series, other)
      ones.set(signature.key, series)
    }
    return ones
  }

  #ambiguous(signature: Labels, a: StepSeries, b: StepSeries): QueryError {
    const side = this.#expression.matching.cardinality === 'one-to-many' ? 'left' : 'right'
    const both = [String(a.labels), String(b.labels)].sort().join(', ')
    const group = `for the match group ${signature} on the ${side} hand-side of the operation: [${both}]`
    const rule = 'many-to-many matching not allowed: matching labels must be unique on one side'
    return new QueryError(`found duplicate series ${group};${rule}`)
  }

  #operate(step: number, pair: Pair, many: Value, one: Value, matched: Map<string, Set<string>>): void {
    const { cardinality } = this.#expression.matching
    const [left, right] = cardinality === 'one-to-many' ? [one, many] : [many, one]
    const outcome = elementOperation(this.#expression, left, right, (add) => {
      this.#lastAnnotation = add
    })
    if (outcome === undefined) return
    const output = this.#output(pair)
    this.#checkUnique(pair.signature, output, matched)
    const { returnBool } = this.#expression
    if (returnBool) this.#collector.put(output, step, outcome.keep ? 1 : 0)
    else if (outcome.keep) this.#collector.put(output, step, outcome.value)
  }

  #checkUnique(signature: Labels, output: StepSeries, matched: Map<string, Set<string>>): void {
    const labels = matched.get(signature.key)
    if (labels === undefined) matched.set(signature.key, new Set([output.labels.key]))
    else if (this.#expression.matching.cardinality === 'one-to-one') {
      const explicit = 'many-to-one matching must be explicit (group_left/group_right)'
      throw new QueryError(`multiple matches for labels: ${explicit}`)
    } else if (labels.has(output.labels.key)) {
      throw new QueryError('multiple matches for labels: grouping labels must ensure unique matches')
    } else labels.add(output.labels.key)
  }

  #output({ many, one, signature }: Pair): StepSeries {
    let byOne = this.#outputs.get(many)
    if (byOne === undefined) {
      byOne = new Map()
      this.#outputs.set(many, byOne)
    }
    // Series without a match on the other side share the fill value, but have their own labels.
    const key = one ?? many
    let output = byOne.get(key)
    if (output === undefined) {
      const labels = this.#resultLabels(many?.labels ?? signature, one?.labels ?? signature)
      output = this.#collector.series(labels, this.#expression.returnBool)
      byOne.set(key, output)
    }
    return output
  }

  #resultLabels(many: Labels, one: Labels): Labels {
    const { matching, operator, returnBool } = this.#expression
    const { delayedNameRemoval } = this.#evaluation.options
    const dropsName = (returnBool && !delayedNameRemoval) || changesMeaning(operator)
    let labels = dropsName ? many.withoutMetadata() : many
    if (matching.cardinality === 'one-to-one') {
      const names = new Set(matching.labels)
      labels = matching.on ? labels.keep(names) : labels.without(names)
    }
    for (const name of matching.include) labels = labels.with(name, one.get(name))
    return labels
  }
}

interface Pair {
  readonly many: StepSeries | undefined
  readonly one: StepSeries | undefined
  readonly signature: Labels
}
