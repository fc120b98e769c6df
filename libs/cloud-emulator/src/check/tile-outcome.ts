import { Engine, ParseError, parseQuery, QueryError, type SelectSeries } from '@node-to-cloud/promql'
import { RpcError } from '../api/rpc-error.ts'
import type { TimeSeriesQuery, Widget } from '../contract/dashboard.ts'
import { compileQuery } from '../logging/query/compile-query.ts'
import { QueryBudget } from '../monitoring/read/query-budget.ts'
import { withInterval } from '../promql/promql-chart.ts'
import { readChartQuery } from '../query/read-chart-query.ts'
import { runChartQuery } from '../query/run-chart-query.ts'
import { generatedStores } from './generated-samples.ts'
import {
  addGeneratedSeries,
  GENERATED_KINDS,
  GENERATED_PROJECT,
  type GeneratedKind,
  generatedStore,
} from './generated-series.ts'

/** Whether a tile shows data. `says` is the message that it shows for what can't be drawn. */
export type TileOutcome =
  | { readonly kind: 'drawn' }
  | { readonly kind: 'said'; readonly says: string }
  | { readonly kind: 'empty' }

const OTHER_FIELDS = new Set(['title', 'id', 'visibilityCondition', 'timeRange'])
const WITHOUT_QUERY = new Set([
  'text',
  'blank',
  'sectionHeader',
  'collapsibleGroup',
  'singleViewGroup',
  'incidentList',
  'alertChart',
])
const DEFAULT_PERIOD = '60s'
const HOUR_MICROS = 3600e6
/** The replacement for a variable in a filter, and in PromQL. */
const FILTER_VARIABLE = 'resource.type:*'
const ANY_MATCHER = 'variable=~".*"'

/** Runs a widget's queries with generated data. `fill` replaces the dashboard's variables by values. */
export function tileOutcome(
  widget: Widget,
  options: { nowMicros: number; fill: (filter: string) => string },
): TileOutcome {
  const kind = Object.keys(widget).find((key) => !OTHER_FIELDS.has(key)) ?? ''
  if (WITHOUT_QUERY.has(kind)) return { kind: 'drawn' }
  if (widget.logsPanel) return logsOutcome(options.fill(widget.logsPanel.filter ?? ''))
  const queries = queriesOf(widget)
  if (!queries) return { kind: 'said', says: `“${kind}” is not supported here.` }
  const outcomes = queries.map((query) => queryOutcome(query, options))
  return outcomes.find(({ kind }) => kind === 'drawn') ?? outcomes[0] ?? { kind: 'empty' }
}

/** A logs panel is drawn with or without entries, unless its query is invalid. */
function logsOutcome(query: string): TileOutcome {
  try {
    compileQuery(query)
    return { kind: 'drawn' }
  } catch (error) {
    if (error instanceof RpcError) return { kind: 'said', says: error.message }
    throw error
  }
}

function queriesOf({ xyChart, scorecard, timeSeriesTable, pieChart }: Widget): TimeSeriesQuery[] | undefined {
  const dataSets =
    xyChart?.dataSets ?? timeSeriesTable?.dataSets ?? pieChart?.dataSets ?? (scorecard ? [scorecard] : undefined)
  return dataSets?.map(({ timeSeriesQuery }) => timeSeriesQuery ?? {})
}

function queryOutcome(
  query: TimeSeriesQuery,
  options: { nowMicros: number; fill: (filter: string) => string },
): TileOutcome {
  if (query.prometheusQuery) return promqlOutcome(query.prometheusQuery, options)
  const filled = withFilters(query, options.fill)
  const outcomes = GENERATED_KINDS.map((kind): TileOutcome => {
    try {
      return { kind: draws(filled, kind, options.nowMicros) ? 'drawn' : 'empty' }
    } catch (error) {
      if (error instanceof RpcError) return { kind: 'said', says: error.message }
      throw error
    }
  })
  // An error about a metric kind that the aligner can't be applied to concerns the generated data, not the tile.
  const of = (kind: TileOutcome['kind']) => outcomes.find((outcome) => outcome.kind === kind)
  return of('drawn') ?? of('empty') ?? of('said') ?? { kind: 'empty' }
}

function draws(json: TimeSeriesQuery, kind: GeneratedKind, nowMicros: number): boolean {
  const query = readChartQuery(json)
  const store = generatedStore()
  for (const part of [query.numerator, query.denominator]) {
    if (part) addGeneratedSeries(store, part.filter, kind, nowMicros)
  }
  const { series } = runChartQuery(query, {
    store,
    projectId: GENERATED_PROJECT,
    afterMicros: nowMicros - HOUR_MICROS,
    endMicros: nowMicros,
    partial: true,
    maxPoints: 400,
    budget: new QueryBudget(store.limits.maxQuerySamples),
  })
  return series.some(({ points }) => points.length > 0)
}

/** Evaluates a PromQL query over generated series for each of its selectors until it has a result. */
function promqlOutcome(
  query: string,
  { nowMicros, fill }: { nowMicros: number; fill: (filter: string) => string },
): TileOutcome {
  const filled = withInterval(fill(query).replaceAll(FILTER_VARIABLE, ANY_MATCHER), 60)
  try {
    const outcomes: TileOutcome[] = []
    for (const store of generatedStores(parseQuery(filled))) {
      const outcome = promqlOutcomeOver(store, filled, nowMicros / 1000)
      if (outcome.kind === 'drawn') return outcome
      outcomes.push(outcome)
    }
    return outcomes.find(({ kind }) => kind === 'said') ?? { kind: 'empty' }
  } catch (error) {
    if (error instanceof ParseError) return { kind: 'said', says: error.message }
    throw error
  }
}

function promqlOutcomeOver(store: SelectSeries, query: string, nowMs: number): TileOutcome {
  try {
    const { value } = new Engine().range(store, query, nowMs - HOUR_MICROS / 1000, nowMs, 60_000)
    return { kind: value.type === 'matrix' && value.series.length > 0 ? 'drawn' : 'empty' }
  } catch (error) {
    if (error instanceof QueryError) return { kind: 'said', says: error.message }
    throw error
  }
}

/** Fills in the filters' variables, and the alignment periods that a dashboard leaves to its time range. */
function withFilters(query: TimeSeriesQuery, fill: (filter: string) => string): TimeSeriesQuery {
  return JSON.parse(JSON.stringify(query), (key, value) => {
    if (key === 'filter' && typeof value === 'string') return fill(value)
    const isAligned = /[aA]ggregation$/.test(key) && !/^(?:ALIGN_NONE|undefined)$/.test(String(value?.perSeriesAligner))
    return isAligned ? { ...value, alignmentPeriod: value.alignmentPeriod ?? DEFAULT_PERIOD } : value
  })
}
