import type { RE2JS } from 're2js'
import type { Evaluation } from '../evaluation/evaluation.ts'
import { QueryError } from '../evaluation/query-error.ts'
import { mergeSameLabels, type StepSeries } from '../evaluation/step-series.ts'
import { type Labels, METRIC_NAME } from '../labels/labels.ts'
import { compileRegexp } from '../labels/matcher.ts'
import type { Call, Expression } from '../parse/ast.ts'
import { isValidUnicode } from '../text/quote.ts'

function text(argument: Expression | undefined): string {
  return argument?.kind === 'string' ? argument.value : ''
}

function checkName(name: string, role: string, call: Call): void {
  if (name !== '' && isValidUnicode(name)) return
  throw new QueryError(`invalid ${role} label name in ${call.function.name}(): ${name}`)
}

/** Evaluates `label_replace`. */
export function labelReplace(evaluation: Evaluation, call: Call): StepSeries[] {
  const [argument, ...texts] = call.arguments
  const [target = '', replacement = '', source = '', pattern = ''] = texts.map(text)
  const expression = compiled(pattern)
  checkName(target, 'destination', call)
  return relabelled(evaluation, argument, target, (labels) => {
    const value = labels.get(source)
    const matcher = expression.matcher(value)
    if (!matcher.matches()) return undefined
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, i) => matcher.group(i) ?? '')
    const names = Object.entries(expression.namedGroups())
    const byName = new Map(names.map(([name, index]) => [name, groups[index] ?? '']))
    return expandTemplate(replacement, groups, byName)
  })
}

function compiled(pattern: string): RE2JS {
  try {
    return compileRegexp(pattern)
  } catch {
    throw new QueryError(`invalid regular expression in label_replace(): ${pattern}`)
  }
}

/** Expands `$1`, `${1}` and `$name`; `$$` is a dollar sign. */
export function expandTemplate(
  template: string,
  groups: readonly string[],
  byName: ReadonlyMap<string, string>,
): string {
  return template.replaceAll(
    /\$(?:(\$)|(\w+)|\{(\w+)\})/g,
    (_all, dollar?: string, plain?: string, braced?: string) => {
      if (dollar !== undefined) return '$'
      const name = plain ?? braced ?? ''
      return (/^\d+$/.test(name) ? groups[Number(name)] : byName.get(name)) ?? ''
    },
  )
}

/** Evaluates `label_join`. */
export function labelJoin(evaluation: Evaluation, call: Call): StepSeries[] {
  const [argument, ...texts] = call.arguments
  const [target = '', separator = '', ...sources] = texts.map(text)
  for (const source of sources) checkName(source, 'source', call)
  checkName(target, 'destination', call)
  return relabelled(evaluation, argument, target, (labels) => {
    return sources.map((source) => labels.get(source)).join(separator)
  })
}

/** The series with a label set to a value computed from its labels, unless that is undefined. */
function relabelled(
  evaluation: Evaluation,
  argument: Expression | undefined,
  target: string,
  compute: (labels: Labels) => string | undefined,
): StepSeries[] {
  const list = argument === undefined ? [] : evaluation.evaluate(argument)
  for (const series of list) {
    const value = compute(series.labels)
    if (value === undefined) continue
    series.labels = series.labels.with(target, value)
    if (target === METRIC_NAME) series.dropName = false
  }
  return mergeSameLabels(list)
}
