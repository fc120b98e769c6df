/** A part of a query, in UTF-16 code units; the end is not part of it. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** The start of a part as Prometheus reports it: line and column from 1, with columns in UTF-8 bytes. */
export function positionText(query: string, { start }: Range): string {
  if (query === '') return 'unknown position'
  if (start < 0 || start > query.length) return 'invalid position'
  const before = query.slice(0, start)
  const lines = before.split('\n')
  return `${lines.length}:${utf8Length(lines.at(-1) ?? '') + 1}`
}

/** The length of a string in UTF-8 bytes. */
export function utf8Length(text: string): number {
  let length = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return length
}
