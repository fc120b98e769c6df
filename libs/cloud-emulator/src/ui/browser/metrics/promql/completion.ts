/** The possible completions at the cursor of a query. */
export interface CompletionContext {
  readonly kind: 'name' | 'label' | 'value'
  /** The start of the word at the cursor. */
  readonly from: number
  /** The part of it that is typed so far. */
  readonly word: string
  /** The metric whose labels to complete, if the query has its name before them. */
  readonly metric?: string
  /** The label whose values to complete. */
  readonly label?: string
}

const WORD = /[A-Za-z_:][\w:]*$/
const NAME_BEFORE = /([A-Za-z_:][\w:]*)\s*$/
const GROUPING = /\b(?:by|without|on|ignoring|group_left|group_right)\s*$/

/** Determines what can be completed at the cursor; undefined in numbers, durations and other strings. */
export function completionContext(text: string, cursor: number): CompletionContext | undefined {
  const before = text.slice(0, cursor)
  const { open, quoteAt, isComment } = scan(before)
  if (isComment) return undefined
  if (quoteAt !== undefined) {
    const label = /([A-Za-z_]\w*)\s*(?:=~|!~|!=|=)\s*$/.exec(before.slice(0, quoteAt))?.[1]
    if (open?.bracket !== '{' || label === undefined) return undefined
    return { kind: 'value', from: quoteAt + 1, word: before.slice(quoteAt + 1), label, ...metricOf(before, open.at) }
  }
  const word = WORD.exec(before)?.[0] ?? ''
  const from = cursor - word.length
  if (/[\d.]$/.test(before.slice(0, from)) || open?.bracket === '[') return undefined
  const head = before.slice(0, from)
  if (open?.bracket === '{')
    return /[{,]\s*$/.test(head) ? { kind: 'label', from, word, ...metricOf(before, open.at) } : undefined
  if (open?.bracket === '(' && GROUPING.test(before.slice(0, open.at))) return { kind: 'label', from, word }
  return word === '' ? undefined : { kind: 'name', from, word }
}

interface Scanned {
  /** The innermost bracket that is open at the end. */
  readonly open: { readonly bracket: string; readonly at: number } | undefined
  /** Where an unfinished string begins. */
  readonly quoteAt: number | undefined
  readonly isComment: boolean
}

function scan(before: string): Scanned {
  const stack: { bracket: string; at: number }[] = []
  let quoteAt: number | undefined
  for (let index = 0; index < before.length; index++) {
    const character = before.charAt(index)
    if (quoteAt !== undefined) {
      if (character === '\\' && before[quoteAt] !== '`') index++
      else if (character === before[quoteAt]) quoteAt = undefined
    } else if (character === '#') {
      index = before.indexOf('\n', index)
      if (index < 0) return { open: undefined, quoteAt, isComment: true }
    } else if (/["'`]/.test(character)) quoteAt = index
    else if (/[({[]/.test(character)) stack.push({ bracket: character, at: index })
    else if (/[)}\]]/.test(character)) stack.pop()
  }
  return { open: stack.at(-1), quoteAt, isComment: false }
}

function metricOf(before: string, braceAt: number): { readonly metric?: string } {
  const metric = NAME_BEFORE.exec(before.slice(0, braceAt))?.[1]
  return metric === undefined ? {} : { metric }
}

/** A suggested word and its kind. */
export interface Suggestion {
  readonly text: string
  readonly note: string
}

const MAX_SUGGESTIONS = 50

/** The words that match the typed text: first those that start with it, then those that contain it. */
export function fittingSuggestions(all: readonly Suggestion[], typed: string): readonly Suggestion[] {
  const wanted = typed.toLowerCase()
  const place = ({ text }: Suggestion): number => text.toLowerCase().indexOf(wanted)
  return all
    .filter((one) => place(one) >= 0 && one.text !== typed)
    .sort(
      (a, b) =>
        Number(place(a) > 0) - Number(place(b) > 0) || a.text.length - b.text.length || (a.text < b.text ? -1 : 1),
    )
    .slice(0, MAX_SUGGESTIONS)
}
