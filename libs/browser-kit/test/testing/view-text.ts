/** The parts of an `html` or `svg` template, by the public fields of lit's type. */
interface Template {
  readonly strings: readonly string[]
  readonly values: readonly unknown[]
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isTemplate(value: unknown): value is Template {
  return isObject(value) && Array.isArray(value.strings) && Array.isArray(value.values)
}

/** The rows of `repeat(items, key, row)`; undefined for any other directive. */
function repeatedRows(values: readonly unknown[]): readonly unknown[] | undefined {
  const [items, ...functions] = values
  const row = functions.findLast((one) => typeof one === 'function')
  return Array.isArray(items) && row ? items.map((item, index): unknown => row(item, index)) : undefined
}

/**
 * The markup of a view, so that tests can read it without a browser: listeners and styles are left out, and values are
 * not escaped.
 */
export function markupOf(view: unknown): string {
  if (view === null || view === undefined || typeof view === 'symbol' || typeof view === 'function') return ''
  if (Array.isArray(view)) return view.map(markupOf).join('')
  if (isTemplate(view)) return view.strings.map((text, index) => `${text}${markupOf(view.values[index])}`).join('')
  if (!isObject(view)) return String(view)
  const rows = Array.isArray(view.values) ? repeatedRows(view.values) : undefined
  return markupOf(rows)
}

/** The text of a view, with single spaces. */
export function textOf(view: unknown): string {
  return markupOf(view)
    .replace(/<\/?[a-z][^>]*>/gi, '')
    .replace(/\s+/g, ' ')
    .trim()
}

/** The listeners of a view for an event such as `click`, in document order. */
export function listenersOf(view: unknown, event: string): readonly ((event: Event) => unknown)[] {
  if (Array.isArray(view)) return view.flatMap((one) => listenersOf(one, event))
  if (isTemplate(view))
    return view.values.flatMap((value, index) => {
      const isListener = typeof value === 'function' && view.strings[index]?.endsWith(`@${event}=`)
      return isListener ? [(given: Event): unknown => value(given)] : listenersOf(value, event)
    })
  if (!isObject(view) || !Array.isArray(view.values)) return []
  return listenersOf(repeatedRows(view.values), event)
}
