const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** A source that a script contains unchanged, line by line. */
export interface MappedSource {
  readonly path: string
  readonly text: string
  /** The line of the script (from 0) with its first line. */
  readonly line: number
}

/** The source map of a script (ECMA-426), line by line. Its sources are in the order of the script. */
export function sourceMap(sources: readonly MappedSource[]): string {
  let mappings = ''
  let line = 0
  let sourceLine = 0
  for (const [index, source] of sources.entries()) {
    mappings += ';'.repeat(source.line - line)
    const count = source.text.split('\n').length
    mappings += `A${vlq(index === 0 ? 0 : 1)}${vlq(-sourceLine)}A${';AACA'.repeat(count - 1)}`
    line = source.line + count - 1
    sourceLine = count - 1
  }
  return JSON.stringify({
    version: 3,
    sources: sources.map(({ path }) => path),
    sourcesContent: sources.map(({ text }) => text),
    names: [],
    mappings,
  })
}

/**
 * A number as Base64 VLQ, the encoding of source maps: groups of five bits from the lowest on, with the sign in the
 * first.
 */
function vlq(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1
  let text = ''
  do {
    const digit = rest & 31
    rest >>>= 5
    text += DIGITS[rest > 0 ? digit | 32 : digit]
  } while (rest > 0)
  return text
}
