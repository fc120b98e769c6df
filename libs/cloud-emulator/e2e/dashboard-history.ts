import type { HistorySeries } from './ui-history.ts'

interface Query {
  readonly type: string
  readonly aligner: string
  readonly labels: ReadonlyMap<string, readonly string[]>
}

const TYPE = /metric\.type\s*=\s*"external\.googleapis\.com\/prometheus\/([^"]+)"/
const COMPARISON = /metric\.labels?\.(\w+)\s*!?=\s*(?:monitoring\.regex\.full_match\("([^"]+)"\)|"([^"]*)")/g
const CONTAINER = /resource\.labels?\.container_name\s*=\s*"([^"]+)"/
/** Label values that expressions in dashboards may select. */
const CANDIDATES = ['200', '404', '500', 'GET', 'running', 'lost', 'OK', 'a']
const BOUNDS = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5]

/** All queries in a dashboard's JSON. */
function queriesIn(json: unknown): { filter: string; aggregation: Record<string, unknown> }[] {
  if (typeof json !== 'object' || json === null) return []
  if ('filter' in json && typeof json.filter === 'string' && 'aggregation' in json) {
    const { aggregation } = json
    if (typeof aggregation === 'object' && aggregation !== null)
      return [{ filter: json.filter, aggregation: { ...aggregation } }]
  }
  return Object.values(json).flatMap(queriesIn)
}

function readQuery({ filter, aggregation }: ReturnType<typeof queriesIn>[number]): Query | undefined {
  const type = TYPE.exec(filter)?.[1]
  if (type === undefined) return undefined
  const labels = new Map<string, string[]>()
  for (const [, key = '', pattern, value] of filter.matchAll(COMPARISON)) {
    const fitting = CANDIDATES.filter((one) => pattern !== undefined && new RegExp(`^(?:${pattern})$`).test(one))
    labels.set(key, [...(labels.get(key) ?? []), ...(value === undefined ? fitting : [value])])
  }
  for (const field of Array.isArray(aggregation.groupByFields) ? aggregation.groupByFields : []) {
    const key = /^metric\.labels?\.(\w+)$/.exec(String(field))?.[1]
    if (key !== undefined && !labels.has(key)) labels.set(key, ['a', '200'])
  }
  return { type, aligner: String(aggregation.perSeriesAligner), labels }
}

/**
 * Series that provide data for every query of these dashboards: of a kind that its aligner supports, with the labels
 * that it uses.
 */
export function historyFor(dashboards: readonly unknown[]): HistorySeries[] {
  interface Wanted {
    readonly type: string
    readonly aligner: string
    readonly container: string
    readonly labels: Map<string, Set<string>>
  }
  const wanted = new Map<string, Wanted>()
  for (const raw of dashboards.flatMap(queriesIn)) {
    const query = readQuery(raw)
    if (!query) continue
    const container = CONTAINER.exec(raw.filter)?.[1] ?? 'flask-app-tutorial'
    const { type, aligner, labels } = query
    const known = wanted.get(`${type} ${container}`) ?? { type, aligner, container, labels: new Map() }
    for (const [key, values] of labels) known.labels.set(key, new Set([...(known.labels.get(key) ?? []), ...values]))
    wanted.set(`${type} ${container}`, known)
  }
  return [...wanted.values()].flatMap(({ type, aligner, container, labels }) =>
    combinations([...labels]).map((one, index) => seriesOf(type, aligner, container, { labels: one, index })),
  )
}

/** One set of labels for each value of each label, with the first value of the others. */
function combinations(labels: readonly [string, ReadonlySet<string>][]): Record<string, string>[] {
  const first = Object.fromEntries(labels.map(([key, values]) => [key, [...values][0] ?? '']))
  const others = labels.flatMap(([key, values]) => [...values].slice(1).map((value) => ({ ...first, [key]: value })))
  return [first, ...others]
}

function seriesOf(
  type: string,
  aligner: string,
  container: string,
  { labels, index }: { readonly labels: Record<string, string>; readonly index: number },
): HistorySeries {
  const common = { type, labels, container }
  const wave = (step: number): number => 1 + Math.sin(step / 9 + index)
  if (aligner === 'ALIGN_DELTA') {
    const counts = (step: number): number[] => [...BOUNDS, 0].map((_, bucket) => Math.floor(step * (8 - bucket)))
    return { ...common, metricKind: 'CUMULATIVE', valueType: 'DISTRIBUTION', bounds: BOUNDS, counts }
  }
  if (aligner === 'ALIGN_RATE') {
    return { ...common, metricKind: 'CUMULATIVE', valueType: 'DOUBLE', value: (step) => step * (3 + index) }
  }
  return { ...common, metricKind: 'GAUGE', valueType: 'DOUBLE', value: (step) => 0.2 + 0.3 * wave(step) }
}
