import type { Widget } from '../../../../contract/dashboard.ts'

/** The fields of a message that are drawn, or need not be; `true` for all that is in one. */
interface Drawn {
  readonly [field: string]: true | Drawn
}

/** Queries that can't be answered fail, and say so themselves. */
const QUERY: Drawn = {
  timeSeriesFilter: true,
  timeSeriesFilterRatio: true,
  timeSeriesQueryLanguage: true,
  prometheusQuery: true,
  opsAnalyticsQuery: true,
  traceQuery: true,
  unitOverride: true,
  outputFullDuration: true,
}
const PROMQL: Drawn = { prometheusQuery: true, unitOverride: true }
const DRAWN: Drawn = {
  title: true,
  id: true,
  // Charts say themselves what they do not draw.
  xyChart: true,
  scorecard: { timeSeriesQuery: QUERY, gaugeView: true, sparkChartView: true, blankView: true, thresholds: true },
  timeSeriesTable: {
    dataSets: { timeSeriesQuery: QUERY, tableTemplate: true, minAlignmentPeriod: true },
    metricVisualization: true,
    columnSettings: { column: true, visible: true, displayName: true, alignment: true },
  },
  pieChart: {
    dataSets: { timeSeriesQuery: QUERY, sliceNameTemplate: true, minAlignmentPeriod: true },
    chartType: true,
    showLabels: true,
    showTotal: true,
  },
  text: {
    content: true,
    format: true,
    style: { padding: true, fontSize: true, horizontalAlignment: true, verticalAlignment: true },
  },
  logsPanel: { filter: true },
  incidentList: { policyNames: true, monitoredResources: true },
  alertChart: true,
  blank: true,
  sectionHeader: true,
  collapsibleGroup: true,
  singleViewGroup: true,
}
/** What is done instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  timeRange: 'the range of the page is shown',
  visibilityCondition: 'the tile is always shown',
  outputFullDuration: 'of PromQL the newest value is shown, not one of the whole range',
}

/** The fields of a widget that are not drawn, in words; those of a kind that is not drawn at all are left out. */
export function undrawnFields(widget: Widget): readonly string[] {
  const kinds = Object.keys(widget).filter((name) => DRAWN[name] !== undefined || INSTEAD[name] !== undefined)
  const found = new Set(kinds.flatMap((kind) => undrawnIn(widget[kind as keyof Widget], DRAWN[kind], kind)))
  return [...found].map((name) => (INSTEAD[name] === undefined ? name : `${name}: ${INSTEAD[name]}`))
}

function undrawnIn(value: unknown, drawn: true | Drawn | undefined, name: string): readonly string[] {
  if (drawn === true || isAbsent(value)) return []
  if (drawn === undefined) return [name]
  if (Array.isArray(value)) return value.flatMap((item: unknown) => undrawnIn(item, drawn, name))
  const fields = Object(value)
  const known = drawn === QUERY && fields.prometheusQuery ? PROMQL : drawn
  return Object.entries(fields).flatMap(([field, inner]) => undrawnIn(inner, known[field], field))
}

/** JSON that says nothing: what is false, empty or not specified. */
function isAbsent(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0
  return !value || /_UNSPECIFIED$/.test(String(value))
}
