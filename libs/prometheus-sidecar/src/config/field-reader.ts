import { nearest, parseDuration } from '@node-to-cloud/command-line'
import { isJsonObject, type JsonObject } from '../model/json-object.ts'

const SIZE = /^(\d+(?:\.\d+)?)\s*([KMGTP]?)(i?)B?$/i

/** YAML 1.1's booleans, which Prometheus accepts too. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['no', false],
  ['off', false],
])

/** A value as written in the document. */
function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Reads the fields of a YAML document and collects the problems. `at` is the path of a field, for messages. */
export class FieldReader {
  readonly problems: string[] = []

  problem(text: string): void {
    this.problems.push(text)
  }

  /**
   * Reports each field that is not in `allowed`, such as a misspelt one. `at` is empty for the document itself. `why`
   * says what is wrong with a field, other than that it is unknown.
   */
  allowOnly(
    fields: JsonObject,
    allowed: readonly string[],
    at: string,
    why: (name: string) => string | undefined = () => undefined,
  ): void {
    for (const name of Object.keys(fields).filter((name) => !allowed.includes(name))) {
      const unknown = `is unknown; ${new Intl.ListFormat('en-GB').format(allowed)} are allowed`
      this.problem(`${at === '' ? name : `${at}.${name}`}: ${why(name) ?? unknown}`)
    }
  }

  /** Reports misspelt `read` fields of a map that may have others: Prometheus' next version may add some. */
  misspelt(fields: JsonObject, read: readonly string[], others: readonly string[], at: string): void {
    for (const name of Object.keys(fields).filter((name) => !read.includes(name) && !others.includes(name))) {
      const meant = nearest(name, read)
      if (meant !== undefined) this.problem(`${at}.${name}: is unknown; did you mean ${meant}?`)
    }
  }

  text(fields: JsonObject, name: string, at: string, fallback: string): string {
    const value = fields[name]
    if (value === undefined || value === null) return fallback
    if (typeof value === 'string') return value
    this.problem(`${at}: must be a string`)
    return fallback
  }

  flag(fields: JsonObject, name: string, at: string, fallback: boolean): boolean {
    const value = fields[name] ?? undefined
    if (value === undefined) return fallback
    const truth = typeof value === 'string' ? BOOLEANS.get(value.toLowerCase()) : undefined
    if (truth === undefined) this.problem(`${at}: ${shown(value)}; must be true or false`)
    return truth ?? fallback
  }

  duration(fields: JsonObject, name: string, at: string, fallback: number): number {
    const value = fields[name]
    if (value === undefined || value === null) return fallback
    const durationMs = parseDuration(String(value))
    if (durationMs !== undefined && durationMs > 0) return durationMs
    this.problem(`${at}: ${shown(value)}; must be a duration such as 10s or 1m30s`)
    return fallback
  }

  /** A number of bytes or samples. */
  size(fields: JsonObject, name: string, at: string, fallback = 0): number {
    const value = fields[name]
    if (value === undefined || value === null) return fallback
    const found = SIZE.exec(String(value))
    if (found === null) {
      this.problem(`${at}: ${shown(value)}; must be a number, for bytes with KB, MB or GB`)
      return fallback
    }
    const power = ' KMGTP'.indexOf((found[2] ?? '').toUpperCase() || ' ')
    return Math.floor(Number(found[1]) * 1024 ** power)
  }

  object(fields: JsonObject, name: string, at: string): JsonObject | undefined {
    const value = fields[name]
    if (value === undefined || value === null) return undefined
    if (isJsonObject(value)) return value
    this.problem(`${at}: must be a map`)
    return undefined
  }

  list(fields: JsonObject, name: string, at: string): readonly unknown[] {
    const value = fields[name] ?? []
    if (Array.isArray(value)) return value
    this.problem(`${at}: must be a list`)
    return []
  }

  /** The items of a list of maps, each with its path. */
  objects(fields: JsonObject, name: string, at: string): { readonly at: string; readonly fields: JsonObject }[] {
    return this.list(fields, name, at).flatMap((item, index) => {
      const itemAt = `${at}[${index}]`
      if (isJsonObject(item)) return [{ at: itemAt, fields: item }]
      this.problem(`${itemAt}: must be a map`)
      return []
    })
  }
}
