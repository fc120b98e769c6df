import { hasWords } from '@node-to-cloud/browser-kit/format/words'
import type { Span } from '../../../contract/traces.ts'
import { isError, type SpanRow } from './span-tree.ts'

/**
 * Whether a span contains all words of a search, in its name, service, kind, attributes or events; `failed` finds
 * failed ones.
 */
export function spanMatches(span: Span, search: string): boolean {
  const attributes = [span.attributes, ...span.events.map((event) => event.attributes)]
  const text = [
    ...[span.name, span.service, span.kind, span.spanId, span.status.message, isError(span) ? 'failed' : ''],
    ...span.events.map((event) => event.name),
    ...attributes.flatMap((one) => Object.entries(one).map(([key, value]) => `${key}=${String(value)}`)),
  ]
  return hasWords(text.join('\n'), search)
}

/** A row, and whether it matches the search. */
export interface ShownRow extends SpanRow {
  readonly matches: boolean
}

/**
 * The rows to show: those that match a search, with their ancestors; without a search, all that are not below a
 * collapsed span.
 */
export function shownRows(
  rows: readonly SpanRow[],
  search: string,
  collapsed: ReadonlySet<string>,
): readonly ShownRow[] {
  if (search.trim() === '') {
    const shown: ShownRow[] = []
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index]
      if (row === undefined) continue
      shown.push({ ...row, matches: false })
      if (collapsed.has(row.span.spanId)) index += row.descendants
    }
    return shown
  }
  const kept = new Map<SpanRow, boolean>()
  const above: SpanRow[] = []
  for (const row of rows) {
    above.length = row.depth
    above.push(row)
    if (!spanMatches(row.span, search)) continue
    for (const one of above) if (!kept.has(one)) kept.set(one, false)
    kept.set(row, true)
  }
  return rows.flatMap((row) => (kept.has(row) ? [{ ...row, matches: kept.get(row) === true }] : []))
}
