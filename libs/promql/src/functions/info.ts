import type { Evaluation } from '../evaluation/evaluation.ts'
import { QueryError } from '../evaluation/query-error.ts'
import { forEachPresent } from '../evaluation/select-vector.ts'
import { SeriesCollector, type StepSeries } from '../evaluation/step-series.ts'
import { shiftedTime } from '../evaluation/time-shift.ts'
import { isMetadataLabel, Labels, METRIC_NAME } from '../labels/labels.ts'
import { Matcher } from '../labels/matcher.ts'
import type { Call, TimeShift } from '../parse/ast.ts'
import { infoReference } from './info-reference.ts'

/** The labels that identify a target, which an info metric has in common with the other metrics of the target. */
const IDENTIFYING = ['instance', 'job'] as const
const IDENTIFYING_SET: ReadonlySet<string> = new Set(IDENTIFYING)

/** An info metric's series at a step, and the time of its sample. */
interface InfoSample {
  readonly labels: Labels
  readonly timeMs: number
}

/** Evaluates `info`: adds labels of info metrics, such as `target_info`, to series of the same target. */
export function evaluateInfo(evaluation: Evaluation, call: Call): StepSeries[] {
  const [argument, selector] = call.arguments
  if (argument === undefined) return []
  const base = evaluation.evaluate(argument)
  const matchers = selector?.kind === 'vectorSelector' ? selector.matchers : []
  const names = nameMatchers(matchers.filter(({ name }) => name === METRIC_NAME))
  const data = matchers.filter(({ name }) => name !== METRIC_NAME)
  const ignored = new Set(base.filter(({ labels }) => names.every((one) => one.matches(labels.get(METRIC_NAME)))))
  const samples = infoSamples(evaluation, base, ignored, [...data, ...names], infoReference(argument))
  return withInfoLabels(evaluation, base, ignored, data, samples)
}

/** The matchers of the names of info metrics; without any, all metrics whose names end in `_info`. */
function nameMatchers(given: readonly Matcher[]): readonly Matcher[] {
  if (given.length === 0) return [new Matcher(METRIC_NAME, '=', 'target_info')]
  const isPositive = given.some(({ operator }) => operator === '=' || operator === '=~')
  return isPositive ? given : [new Matcher(METRIC_NAME, '=~', '.+_info'), ...given]
}

/** Matchers for the targets of series, one list per set of identifying labels. */
function targetMatchers(base: readonly StepSeries[], ignored: ReadonlySet<StepSeries>): Matcher[][] {
  const groups = new Map<string, Map<string, Set<string>>>()
  for (const series of base) {
    if (ignored.has(series)) continue
    const present = IDENTIFYING.filter((name) => series.labels.has(name))
    if (present.length === 0) continue
    const key = present.join()
    const values = groups.get(key) ?? new Map(present.map((name) => [name, new Set<string>()]))
    groups.set(key, values)
    for (const name of present) values.get(name)?.add(series.labels.get(name))
  }
  return [...groups.values()].map((values) =>
    IDENTIFYING.map((name) => {
      const wanted = [...(values.get(name) ?? [])]
      if (wanted.length === 0) return new Matcher(name, '=', '')
      return new Matcher(name, '=~', wanted.map(escapeRegexp).join('|'))
    }),
  )
}

function escapeRegexp(value: string): string {
  return value.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&')
}

/** The samples of info metrics at each step by metric and target: the newest if there are several. */
function infoSamples(
  evaluation: Evaluation,
  base: readonly StepSeries[],
  ignored: ReadonlySet<StepSeries>,
  matchers: readonly Matcher[],
  shift: TimeShift,
): Map<string, InfoSample>[] {
  const steps = Array.from({ length: evaluation.steps }, () => new Map<string, InfoSample>())
  for (const target of targetMatchers(base, ignored)) {
    const found = evaluation.select([...target, ...matchers], {
      startMs: shiftedTime(evaluation.startMs, shift) - evaluation.options.lookbackMs + 1,
      endMs: shiftedTime(evaluation.endMs, shift),
    })
    for (const samples of found) {
      evaluation.counts.seriesTouched += 1
      const { labels, histograms, timestamps } = samples
      forEachPresent(evaluation, shift, samples, (step, index) => {
        evaluation.budget.load(1)
        evaluation.counts.read(step, 1)
        if (histograms?.[index] !== undefined) {
          throw new QueryError(`this should be an info metric, with float samples: ${labels}`)
        }
        const key = infoKey(labels.get(METRIC_NAME), labels)
        addNewest(steps[step] ?? new Map(), key, { labels, timeMs: timestamps[index] ?? 0 })
      })
    }
  }
  return steps
}

function infoKey(metric: string, labels: Labels): string {
  return `${metric.length}:${metric}${labels.keep(IDENTIFYING_SET).key}`
}

function addNewest(samples: Map<string, InfoSample>, key: string, sample: InfoSample): void {
  const other = samples.get(key)
  if (other !== undefined && other.timeMs === sample.timeMs) {
    const existing = `existing ${other.labels} @ ${other.timeMs}`
    throw new QueryError(`found duplicate series for info metric: ${existing}, new ${sample.labels} @ ${sample.timeMs}`)
  }
  if (other === undefined || other.timeMs < sample.timeMs) samples.set(key, sample)
}

function withInfoLabels(
  evaluation: Evaluation,
  base: readonly StepSeries[],
  ignored: ReadonlySet<StepSeries>,
  data: readonly Matcher[],
  samples: readonly ReadonlyMap<string, InfoSample>[],
): StepSeries[] {
  const collector = new SeriesCollector(evaluation, false)
  const metrics = new Set(samples.flatMap((step) => [...step.values()].map(({ labels }) => labels.get(METRIC_NAME))))
  const wanted = new Set(data.map(({ name }) => name))
  const isOptional = data.every((matcher) => matcher.matches(''))
  for (const series of base) {
    const keys = [...metrics].map((metric) => infoKey(metric, series.labels))
    for (let step = 0; step < evaluation.steps; step++) {
      const value = series.at(step)
      if (value === undefined) continue
      evaluation.budget.checkTime()
      const found = ignored.has(series)
        ? []
        : keys.map((key) => samples[step]?.get(key)).filter((one) => one !== undefined)
      if (found.length === 0 && !isOptional && !ignored.has(series)) continue
      collector.add(step, combined(series.labels, found, wanted), value, series.dropName)
    }
  }
  return collector.result()
}

/** The labels of a series, plus the selected labels of its info metrics that it does not have yet. */
function combined(base: Labels, samples: readonly InfoSample[], wanted: ReadonlySet<string>): Labels {
  const added = new Map<string, string>()
  for (const { labels } of samples) {
    for (const [name, value] of labels) {
      if (isMetadataLabel(name) || (wanted.size > 0 && !wanted.has(name))) continue
      const other = added.get(name)
      if (other !== undefined && other !== value) throw new QueryError(`conflicting label: ${name}`)
      if (!base.has(name)) added.set(name, value)
    }
  }
  return added.size === 0 ? base : Labels.from([...base, ...added])
}
