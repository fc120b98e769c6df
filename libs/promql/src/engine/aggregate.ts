import type { Evaluation } from '../evaluation/evaluation.ts'
import { QueryError } from '../evaluation/query-error.ts'
import { NOTHING, SeriesCollector, StepSeries } from '../evaluation/step-series.ts'
import { printHistogram } from '../histogram/float-histogram.ts'
import { Labels, METRIC_NAME } from '../labels/labels.ts'
import type { Aggregation } from '../parse/ast.ts'
import { rangeOf } from '../parse/ast.ts'
import { formatDecimal } from '../text/format-number.ts'
import { isValidUnicode, quote } from '../text/quote.ts'
import { accumulatorFor } from './accumulators.ts'
import { aggregateSome } from './aggregate-some.ts'
import { extremes } from './extremes.ts'

const METADATA = [METRIC_NAME, '__type__', '__unit__']

/** The labels of the group that a series belongs to. */
function groupingOf({ without, grouping }: Aggregation): (labels: Labels) => Labels {
  if (without) {
    const dropped = new Set([...METADATA, ...grouping])
    return (labels) => labels.without(dropped)
  }
  if (grouping.length === 0) return () => Labels.empty
  const kept = new Set(grouping)
  return (labels) => labels.keep(kept)
}

/** Evaluates an aggregation. */
export function evaluateAggregation(evaluation: Evaluation, aggregation: Aggregation): StepSeries[] {
  const { operator, parameter, expression } = aggregation
  if (operator === 'count_values') return countValues(evaluation, aggregation)
  const parameters = parameter === undefined ? undefined : evaluation.scalar(parameter)
  const input = evaluation.evaluate(expression)
  switch (operator) {
    case 'topk':
    case 'bottomk':
    case 'limitk':
    case 'limit_ratio': {
      const groups = groupSeries(input, groupingOf(aggregation))
      return aggregateSome(evaluation, aggregation, [...groups.values()], parameters ?? new Float64Array(0))
    }
    default:
      return aggregateAll(evaluation, { ...aggregation, operator }, input, parameters)
  }
}

function groupSeries(input: readonly StepSeries[], groupOf: (labels: Labels) => Labels): Map<string, StepSeries[]> {
  const groups = new Map<string, StepSeries[]>()
  for (const series of input) {
    const { key } = groupOf(series.labels)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [series])
    else group.push(series)
  }
  return groups
}

type Simple = Parameters<typeof accumulatorFor>[0]

function aggregateAll(
  evaluation: Evaluation,
  aggregation: Aggregation & { operator: Simple },
  input: readonly StepSeries[],
  parameters: Float64Array | undefined,
): StepSeries[] {
  const { operator, expression, parameter } = aggregation
  const sink = { annotations: evaluation.annotations, range: rangeOf(expression) }
  if (parameters !== undefined && parameter !== undefined) {
    for (const value of extremes(parameters)) {
      if (!(value >= 0 && value <= 1)) evaluation.annotations.invalidQuantile(value, rangeOf(parameter))
    }
  }
  const groupOf = groupingOf(aggregation)
  const result: StepSeries[] = []
  for (const members of groupSeries(input, groupOf).values()) {
    const group = new StepSeries(groupOf(members[0]?.labels ?? Labels.empty), evaluation.steps)
    for (let step = 0; step < evaluation.steps; step++) {
      const accumulator = accumulatorFor(operator, parameters?.[step] ?? Number.NaN, sink)
      for (const series of members) {
        const value = series.at(step)
        if (value === undefined) continue
        evaluation.budget.checkTime()
        accumulator.add(value, typeof value === 'number' ? '' : series.labels.get(METRIC_NAME))
        if (series.dropName) group.dropName = true
      }
      const value = accumulator.result()
      if (value !== undefined) group.set(step, value)
    }
    if (!group.isEmpty) result.push(group)
  }
  return result
}

function countValues(evaluation: Evaluation, aggregation: Aggregation): StepSeries[] {
  const { parameter, expression, without, grouping } = aggregation
  const label = parameter?.kind === 'string' ? parameter.value : ''
  if (label === '' || !isValidUnicode(label)) throw new QueryError(`invalid label name ${quote(label)}`)
  const groupOf = groupingOf(without ? aggregation : { ...aggregation, grouping: [...grouping, label] })
  const input = evaluation.evaluate(expression)
  const collector = new SeriesCollector(evaluation, false)
  const known = new Map<StepSeries, Map<string, StepSeries>>()
  for (const series of input) known.set(series, new Map())
  for (let step = 0; step < evaluation.steps; step++) {
    for (const [series, groups] of known) {
      const value = series.at(step)
      if (value === undefined) continue
      evaluation.budget.checkTime()
      const text = typeof value === 'number' ? formatDecimal(value) : printHistogram(value)
      let group = groups.get(text)
      if (group === undefined) {
        group = collector.series(groupOf(series.labels.with(label, text)), false)
        groups.set(text, group)
      }
      group.setFloat(step, group.kinds[step] === NOTHING ? 1 : group.floatAt(step) + 1)
    }
  }
  return collector.result()
}
