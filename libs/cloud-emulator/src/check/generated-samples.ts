import {
  childrenOf,
  type Expression,
  Labels,
  type Matcher,
  METRIC_NAME,
  type SelectSeries,
  type SeriesSamples,
  type TimeWindow,
} from '@node-to-cloud/promql'
import { selectorsIn } from '../promql/cloud/cloud-differences.ts'

/**
 * The scrape interval of Managed Service for Prometheus, so that a rate over a chart's minimum interval has two
 * samples.
 */
const STEP_MS = 30_000
const BOUNDS = ['1', '2', '4', '+Inf']

/** The form of generated series: each has the values, and with `labelled` also the labels of the other selectors. */
interface SampleData {
  readonly values: readonly ((step: number) => number)[]
  readonly labelled: boolean
}

const growing = (step: number): number => step
const always = (value: number) => (): number => value

/** Typical values of states and flags. */
const STATES = [0, 1, 2, 3]
const MAX_NUMBERS = 20

/**
 * Data sets in which a query may find something: increasing series; values of states, and values in the query itself;
 * and a mix of zero and other values.
 */
function sampleDataFor(query: Expression): SampleData[] {
  const values = new Set([...STATES, ...numbersIn(query).slice(0, MAX_NUMBERS)])
  return [
    { values: [growing], labelled: false },
    { values: [growing], labelled: true },
    ...[...values].map((value) => ({ values: [always(value)], labelled: true })),
    { values: [always(0), growing], labelled: true },
  ]
}

function numbersIn(query: Expression): number[] {
  return query.kind === 'number' ? [query.value] : childrenOf(query).flatMap(numbersIn)
}

/** Stores for a query; the first one is the most typical. */
export function generatedStores(query: Expression): SelectSeries[] {
  const everywhere = new Map(selectorsIn(query).flatMap(({ matchers }) => [...equalities(matchers)]))
  everywhere.delete(METRIC_NAME)
  const grouped = [...groupingIn(query)]
  return sampleDataFor(query).map((data) => (matchers, window) => {
    const labels = Labels.from(new Map([...(data.labelled ? everywhere : []), ...equalities(matchers)]))
    return data.values.flatMap((valueAt, i) => {
      const names = data.values.length === 1 ? [] : ['generated', ...grouped.filter((name) => !labels.has(name))]
      const own = Labels.from([...labels, ...names.map((name) => [name, `generated-${i}`] as const)])
      return samplesOf(own, valueAt, window)
    })
  })
}

/** The labels that a query groups by. */
function groupingIn(query: Expression): Set<string> {
  const own = query.kind === 'aggregation' ? query.grouping : []
  return new Set([...own, ...childrenOf(query).flatMap((child) => [...groupingIn(child)])])
}

/** The labels that matchers compare by equality. */
function equalities(matchers: readonly Matcher[]): Map<string, string> {
  const wanted = matchers.filter(({ operator }) => operator === '=')
  return new Map(wanted.map(({ name, value }) => [name, value]))
}

/** A series; for a histogram, one per bucket. */
function samplesOf(labels: Labels, valueAt: (step: number) => number, { startMs, endMs }: TimeWindow): SeriesSamples[] {
  const first = Math.ceil(startMs / STEP_MS)
  const length = Math.max(0, Math.floor(endMs / STEP_MS) - first + 1)
  const timestamps = Array.from({ length }, (_, i) => (first + i) * STEP_MS)
  const times = (factor: number) => timestamps.map((time) => valueAt(time / STEP_MS) * factor)
  if (!labels.get(METRIC_NAME).endsWith('_bucket') || labels.has('le'))
    return [{ labels, timestamps, values: times(1) }]
  return BOUNDS.map((bound, i) => ({ labels: labels.with('le', bound), timestamps, values: times(i + 1) }))
}
