import { invalidArgument } from '../../api/rpc-error.ts'
import { isObject, type JsonObject, snakeCase } from '../../protos/json-fields.ts'

/** The fields of a response that a client requests, each with its subfields; an empty mask means all. */
export interface FieldMask extends ReadonlyMap<string, FieldMask> {}

interface OpenMask extends Map<string, OpenMask> {}

const TOKEN = /[A-Za-z0-9_.$@-]+|[*(),/]/y
const MAX_CHARACTERS = 4_000
const MAX_DEPTH = 50

/**
 * Parses the `fields` parameter of Google's front end: `a,b(c,d/e),f/*`. A name with dots, as in a protobuf field mask,
 * is a path too. Throws INVALID_ARGUMENT.
 */
export function parseFieldMask(text: string): FieldMask {
  const tokens = tokensOf(text)
  let at = 0
  const list = (depth: number): OpenMask => {
    if (depth > MAX_DEPTH) throw invalidMask(text)
    const mask: OpenMask = new Map()
    for (;;) {
      item(mask, depth)
      if (tokens[at] !== ',') return mask
      at++
    }
  }
  const item = (mask: OpenMask, depth: number): void => {
    let inner = mask
    for (;;) {
      const name = tokens[at++]
      if (name === undefined || /^[(),/]$/.test(name)) throw invalidMask(text)
      for (const part of name.split('.')) inner = child(inner, part)
      if (tokens[at] !== '/') break
      at++
    }
    if (tokens[at] !== '(') return
    at++
    for (const [name, more] of list(depth + 1)) merge(child(inner, name), more)
    if (tokens[at++] !== ')') throw invalidMask(text)
  }
  const mask = list(0)
  if (at < tokens.length) throw invalidMask(text)
  return mask
}

/** The parts of a response's JSON that the mask selects. A mask applies to all items of a list. */
export function partOf(json: unknown, mask: FieldMask): unknown {
  if (mask.size === 0) return json
  if (Array.isArray(json)) return json.map((item) => partOf(item, mask))
  if (!isObject(json)) return json
  const all = mask.get('*')
  const part: JsonObject = {}
  for (const [name, value] of Object.entries(json)) {
    const inner = mask.get(name) ?? mask.get(snakeCase(name)) ?? all
    if (inner) part[name] = partOf(value, inner)
  }
  return part
}

function tokensOf(text: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (text.length <= MAX_CHARACTERS && TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text)
    if (!match) break
    tokens.push(match[0])
    if (TOKEN.lastIndex === text.length) return tokens
  }
  throw invalidMask(text)
}

function child(mask: OpenMask, name: string): OpenMask {
  const known = mask.get(name)
  if (known) return known
  const made: OpenMask = new Map()
  mask.set(name, made)
  return made
}

function merge(into: OpenMask, from: OpenMask): void {
  for (const [name, more] of from) merge(child(into, name), more)
}

function invalidMask(text: string): Error {
  return invalidArgument(`Invalid field selection ${text.slice(0, 200)}`)
}
