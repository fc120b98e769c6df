import { EngineError } from '../artillery/errors.ts'
import { STATIC_FIELDS, STATIC_NAMES } from './static-table.ts'

/** RFC 9110, 5.6.2; in lower case, as HTTP/2 requires. */
const TOKEN = /^:?[!#$%&'*+.^_`|~0-9a-z-]+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to refuse.
const FORBIDDEN = /[\u0000\r\n]/
const MAX_KNOWN_NAMES = 1000

/** By name: how a literal with this name begins. */
const nameCodes = new Map<string, string>()

/**
 * Encodes a header list by HPACK, one character for each byte. Fields are literals that no table keeps, so that the
 * same field is the same bytes on every connection.
 *
 * @throws EngineError ERR_HEADER for a name or a value that no header can have.
 */
export function encodeHeaders(fields: readonly string[]): string {
  let block = ''
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = fields[index] ?? ''
    const value = fields[index + 1] ?? ''
    const known = value.length < 16 ? STATIC_FIELDS.get(`${name}: ${value}`) : undefined
    if (known !== undefined) {
      block += String.fromCharCode(0x80 | known)
      continue
    }
    if (FORBIDDEN.test(value))
      throw new EngineError('ERR_HEADER', `The value of the header ${name} contains a line break`)
    block += (nameCodes.get(name) ?? nameCodeOf(name)) + integer(value.length, 7, 0) + value
  }
  return block
}

/** Sets the size of the dynamic table to 0: sent once the peer has changed its limit. */
export const NO_TABLE = '\u0020'

function nameCodeOf(name: string): string {
  if (!TOKEN.test(name)) throw new EngineError('ERR_HEADER', `${JSON.stringify(name)} is not a valid header name`)
  const index = STATIC_NAMES.get(name)
  const code = index === undefined ? `\u0000${integer(name.length, 7, 0)}${name}` : integer(index, 4, 0)
  if (nameCodes.size < MAX_KNOWN_NAMES) nameCodes.set(name, code)
  return code
}

function integer(value: number, prefixBits: number, first: number): string {
  const mask = 2 ** prefixBits - 1
  if (value < mask) return String.fromCharCode(first | value)
  let text = String.fromCharCode(first | mask)
  let rest = value - mask
  for (; rest >= 128; rest = Math.floor(rest / 128)) text += String.fromCharCode((rest % 128) | 0x80)
  return text + String.fromCharCode(rest)
}
