import type { ExpectedType } from '../expected-types.ts'
import type { StoredType } from '../stored-types.ts'

/** One line of the table of types. */
export interface ReportedType extends StoredType {
  /** The type has at least one point, of the expected kind and value type. */
  readonly present: boolean
}

/** What `verify` found; `--json` prints it as it is. */
export interface Report {
  readonly ok: boolean
  readonly types: readonly ReportedType[]
  readonly traces: readonly { readonly service: string; readonly spans: number }[]
  /** Points and spans that the emulated cloud rejected. */
  readonly rejected: number
  readonly seconds: number
  /** What is wrong, one sentence each; empty where `ok`. */
  readonly missing: readonly string[]
}

/** What is stored at one moment. */
export interface Stored {
  readonly types: readonly StoredType[]
  /** Spans by service name. */
  readonly spans: ReadonlyMap<string, number>
  readonly rejected: number
}

/**
 * Compares what is stored with what is expected.
 *
 * @param seconds - how long it took to get here
 * @param platform - `process.platform`; types that come from /proc are expected only on Linux
 */
export function reportOf(
  stored: Stored,
  expected: { readonly types: readonly ExpectedType[]; readonly services: readonly string[] },
  { seconds, platform }: { readonly seconds: number; readonly platform: NodeJS.Platform },
): Report {
  const byType = new Map(stored.types.map((type) => [type.type, type]))
  const missing: string[] = []
  const types = expected.types.map((want): ReportedType => {
    const have = byType.get(want.type)
    const present =
      have !== undefined && have.points > 0 && have.metricKind === want.metricKind && have.valueType === want.valueType
    const excused = want.needsProc === true && platform !== 'linux'
    if (!present && !excused) missing.push(`${want.type}: ${reason(have, want)}`)
    return have === undefined
      ? { ...pick(want), series: 0, points: 0, present }
      : { ...pick(have), series: have.series, points: have.points, present }
  })
  const traces = expected.services.map((service) => ({ service, spans: stored.spans.get(service) ?? 0 }))
  for (const { service, spans } of traces) if (spans === 0) missing.push(`no span of ${service} is stored`)
  if (stored.rejected > 0)
    missing.push(`${stored.rejected} ${stored.rejected === 1 ? 'point or span was' : 'points or spans were'} rejected`)
  return { ok: missing.length === 0, types, traces, rejected: stored.rejected, seconds, missing }
}

function pick({ type, metricKind, valueType }: Pick<StoredType, 'type' | 'metricKind' | 'valueType'>) {
  return { type, metricKind, valueType }
}

function reason(have: StoredType | undefined, want: ExpectedType): string {
  if (have === undefined) return 'missing'
  if (have.metricKind !== want.metricKind || have.valueType !== want.valueType) {
    return `is ${have.metricKind} ${have.valueType}, not ${want.metricKind} ${want.valueType}`
  }
  return 'has no point'
}

/** How many of the expected types and services have arrived, for a progress line. */
export function progressOf(report: Report): string {
  const present = report.types.filter((type) => type.present).length
  const traced = report.traces.filter((trace) => trace.spans > 0).length
  return `${present} of ${report.types.length} metric types, traces of ${traced} of ${report.traces.length} services`
}

/**
 * The table of types and traces as text.
 *
 * @param columns - the width of the terminal: where the table is wider, what the types' names begin with is in the heading alone
 */
export function tableOf(report: Report, columns = Number.POSITIVE_INFINITY): string {
  const full = rowsOf(report, ['metric type', ''])
  const prefix = commonPrefix(report.types.map(({ type }) => type))
  const fits = full.every((row) => row.length <= columns) || prefix === ''
  const heading = fits ? [] : [`metric types below ${prefix}`]
  const rows = fits ? full : rowsOf(report, ['metric type', prefix])
  const traces = report.traces.map(
    ({ service, spans }) => `traces of ${service}: ${spans} ${spans === 1 ? 'span' : 'spans'}`,
  )
  return [...heading, ...rows, '', ...traces, `rejected: ${report.rejected}`].join('\n')
}

function rowsOf(report: Report, [title, prefix]: readonly [title: string, prefix: string]): readonly string[] {
  const rows = [
    [title, 'kind', 'value', 'series', 'points'],
    ...report.types.map(({ type, metricKind, valueType, series, points, present }) => [
      type.slice(prefix.length),
      metricKind,
      valueType,
      ...(present ? [String(series), String(points)] : ['-', 'missing']),
    ]),
  ]
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join(' '),
  )
}

/** What all names begin with, up to a slash. */
function commonPrefix([first = '', ...others]: readonly string[]): string {
  const prefix = first.slice(0, first.lastIndexOf('/') + 1)
  return others.every((name) => name.startsWith(prefix)) ? prefix : ''
}
