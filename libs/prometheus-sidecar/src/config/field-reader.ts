import { parseDuration } from '@node-to-cloud/command-line'
import { isJsonObject, type JsonObject } from '../model/json-object.ts'

const SIZE = /^(\d+(?:\.\d+)?)\s*([KMGTP]?)(i?)B?$/i

/**
 * Reads the fields of a YAML document, and collects what is wrong with them. `at` is the path of a field for messages.
 */
export class FieldReader {
  readonly problems: string[] = []

  problem(text: string): void {
    this.problems.push(text)
  }

  text(fields: JsonObject, name: string, at: string, fallback: string): string {
    const value = fields[name]
    if (value === undefined || value === null) return fallback
    if (typeof value !== 'object') return String(value)
    this.problem(`${at}: must be a string`)
    return fallback
  }

  flag(fields: JsonObject, name: string, at: string, fallback: boolean): boolean {
    const value = fields[name] ?? fallback
    if (typeof value === 'boolean') return value
    this.problem(`${at}: ${JSON.stringify(value)}; must be true or false`)
    return fallback
  }

  duration(fields: JsonObject, name: string, at: string, fallback: number): number {
    const value = fields[name]
    if (value === undefined || value === null) return fallback
    const durationMs = parseDuration(String(value))
    if (durationMs !== undefined && durationMs > 0) return durationMs
    this.problem(`${at}: ${JSON.stringify(value)}; must be a duration such as 10s or 1m30s`)
    return fallback
  }

  /** A number of bytes or samples. */
  size(fields: JsonObject, name: string, at: string): number {
    const value = fields[name] ?? 0
    const found = SIZE.exec(String(value))
    if (found === null) {
      this.problem(`${at}: ${JSON.stringify(value)}; must be a number, for bytes with KB, MB or GB`)
      return 0
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
