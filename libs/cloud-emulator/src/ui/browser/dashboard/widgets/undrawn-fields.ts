import type { Widget } from '../../../../contract/dashboard.ts'

/** The fields of a message that are supported or irrelevant; `true` for everything in a field. */
interface Drawn {
  readonly [field: string]: true | Drawn
}

/** Queries that are not supported fail with their own messages. */
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
  // Charts have their own messages about what is not supported.
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
/** What happens instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  timeRange: "the page's range is shown",
  visibilityCondition: 'the tile is always shown',
  outputFullDuration: 'for PromQL the newest value is shown, not one over the whole range',
}

/**
 * Texts about the fields of a widget that are not supported, except for kinds of widgets that are not supported at all.
 */
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

/** Whether a JSON value is insignificant: false, empty or unspecified. */
function isAbsent(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0
  return !value || /_UNSPECIFIED$/.test(String(value))
}
