/**
 * Strings in PromQL can contain bytes that are not valid UTF-8 (`"\xc5"`). They are kept as lone surrogates from this
 * one on, which valid strings never contain.
 */
const RAW_BYTE = 0xdc00

const ESCAPES = new Map([
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
])

const NAMES = new Map([...ESCAPES].map(([name, character]) => [character, `\\${name}`]))

/** Whether the string is valid Unicode; one that is not contains an escaped byte such as `\xc5`. */
export function isValidUnicode(text: string): boolean {
  return text.isWellFormed()
}

/** A string in double quotes, as Go's `strconv.Quote` writes it. */
export function quote(text: string): string {
  let out = '"'
  for (const character of text) out += quotedCharacter(character)
  return `${out}"`
}

function quotedCharacter(character: string): string {
  if (character === '"') return '\\"'
  const named = NAMES.get(character)
  if (named !== undefined) return named
  const code = character.codePointAt(0) ?? 0
  if (code >= RAW_BYTE && code < RAW_BYTE + 256) return `\\x${hex(code - RAW_BYTE, 2)}`
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`
  if (/[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character) || character === ' ') return character
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`
}

/** A character in single quotes, as Go's `%q` writes it. */
export function quoteCharacter(character: string): string {
  if (character === '') return "'\\uffff'"
  return character === "'" ? "'\\''" : `'${character === '"' ? '"' : quotedCharacter(character)}'`
}

function hex(code: number, width: number): string {
  return code.toString(16).padStart(width, '0')
}

/** The value of a PromQL string literal with its quotes; its escape sequences are already validated. */
export function unquote(literal: string): string {
  const body = literal.slice(1, -1)
  if (literal.startsWith('`') || !body.includes('\\')) return body
  const bytes: number[] = []
  let out = ''
  const flush = () => {
    if (bytes.length > 0) out += fromBytes(bytes.splice(0))
  }
  for (const [part] of body.matchAll(/\\(?:[0-7]{3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[\s\S])|[^\\]+/g)) {
    const byte = escapedByte(part)
    if (byte !== undefined) bytes.push(byte)
    else {
      flush()
      out += part.startsWith('\\') ? unescaped(part) : part
    }
  }
  flush()
  return out
}

function escapedByte(part: string): number | undefined {
  if (/^\\[0-7]{3}$/.test(part)) return Number.parseInt(part.slice(1), 8)
  return /^\\x[0-9a-fA-F]{2}$/.test(part) ? Number.parseInt(part.slice(2), 16) : undefined
}

function unescaped(part: string): string {
  if (/^\\[uU]./.test(part)) return String.fromCodePoint(Number.parseInt(part.slice(2), 16))
  return ESCAPES.get(part.slice(1)) ?? part.slice(1)
}

function fromBytes(bytes: readonly number[]): string {
  let out = ''
  for (let at = 0; at < bytes.length; ) {
    const size = sequenceLength(bytes, at)
    const first = bytes[at] ?? 0
    if (size === 0) out += String.fromCharCode(first < 0x80 ? first : RAW_BYTE + first)
    else out += new TextDecoder().decode(Uint8Array.from(bytes.slice(at, at + size)))
    at += Math.max(size, 1)
  }
  return out
}

function sequenceLength(bytes: readonly number[], at: number): number {
  const first = bytes[at] ?? 0
  const size = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0
  if (first < 0x80 || first >= 0xf5 || size === 0 || at + size > bytes.length) return 0
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes.slice(at, at + size)))
    return size
  } catch {
    return 0
  }
}
