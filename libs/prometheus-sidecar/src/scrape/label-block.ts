import { clip, ExpositionError } from './exposition-error.ts'

/** The content of braces: labels and, with the UTF-8 syntax, the name of the metric. */
export interface LabelBlock {
  /** The name, if it is in the braces: `{"http.requests",code="200"}`. */
  readonly name: string | undefined
  readonly labels: Map<string, string>
  /** A label that appears more than once; its first value is in `labels`. */
  readonly repeated: string | undefined
}

const QUOTE = 34
const BACKSLASH = 92
const CLOSE_BRACE = 125

/** The position of the brace that closes the block opened at `open`, or -1 if there is none before `end`. */
export function findBlockEnd(text: string, open: number, end: number): number {
  let quoted = false
  for (let position = open + 1; position < end; position++) {
    const code = text.charCodeAt(position)
    if (quoted) {
      if (code === BACKSLASH) position += 1
      else if (code === QUOTE) quoted = false
    } else if (code === QUOTE) quoted = true
    else if (code === CLOSE_BRACE) return position
  }
  return -1
}

/** `name="value"` or `"name"="value"`, or `"metric"` alone. As in Prometheus' parser, the comma may be missing. */
const ITEM =
  /[ \t]*(?:([a-zA-Z_][a-zA-Z0-9_]*)|"([^"\\]*(?:\\.[^"\\]*)*)")[ \t]*(?:=[ \t]*"([^"\\]*(?:\\.[^"\\]*)*)"[ \t]*)?(?:,[ \t]*)?/sy

/** Parses what is between the braces of a series. Throws an {@link ExpositionError}. */
export function readLabelBlock(block: string, line?: number): LabelBlock {
  const labels = new Map<string, string>()
  let metric: string | undefined
  let repeated: string | undefined
  let position = 0
  while (position < block.length) {
    ITEM.lastIndex = position
    const [whole, plain, quoted, value] = ITEM.exec(block) ?? []
    if (whole === undefined) {
      if (block.slice(position).trim() === '') break
      throw new ExpositionError(`${JSON.stringify(clip(block.slice(position)))} is not a list of labels`, line)
    }
    position = ITEM.lastIndex
    const name = plain ?? unescapeText(quoted ?? '')
    if (value === undefined) {
      if (plain !== undefined) throw new ExpositionError(`the label ${clip(name)} has no value`, line)
      if (metric !== undefined) throw new ExpositionError('the series has two names', line)
      metric = name
    } else if (labels.has(name)) repeated = name
    else labels.set(name, unescapeText(value))
  }
  return { name: metric, labels, repeated }
}

/** Resolves `\\`, `\n` and `\"`; other backslashes are kept. */
export function unescapeText(text: string): string {
  if (!text.includes('\\')) return text
  return text.replaceAll(/\\([\\n"])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
}
