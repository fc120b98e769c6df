import { checkedProjectId } from '../../api/resource-name.ts'
import { invalidField } from '../../api/rpc-error.ts'
import type { InUrl } from '../../contract/endpoints.ts'

type Query<Name extends string> = { readonly [N in Name]?: string | string[] }

/** A parameter as a string; the last one if it is given more than once, undefined if it is missing or empty. */
export function stringParameter<Name extends string>(query: Query<Name>, name: Name): string | undefined {
  const value = query[name]
  return (Array.isArray(value) ? value.at(-1) : value) || undefined
}

/** The parameter `project`, or the emulator's own project. Throws INVALID_ARGUMENT. */
export function projectParameter(query: InUrl<object>, options: { project: string }): string {
  return checkedProjectId(stringParameter(query, 'project') ?? options.project)
}

/** Throws INVALID_ARGUMENT if the parameter is not a number from `min` to `max`. */
export function numberParameter<Name extends string>(
  query: Query<Name>,
  name: Name,
  options: { fallback: number; min: number; max: number },
): number {
  const text = stringParameter(query, name)
  if (text === undefined) return options.fallback
  const value = Number(text)
  if (Number.isFinite(value) && value >= options.min && value <= options.max) return value
  throw invalidField(name, text, `A number from ${options.min} to ${options.max} is allowed.`)
}

/** A time as epoch milliseconds. Throws INVALID_ARGUMENT. */
export function timeParameter<Name extends string>(query: Query<Name>, name: Name): number | undefined {
  const text = stringParameter(query, name)
  return text === undefined ? undefined : readTimeMs(text, name)
}

/** From 0001-01-01 to 9999-12-31, as in protobuf. */
const FIRST_MS = -62_135_596_800_000
const LAST_MS = 253_402_300_799_999

/** Parses epoch milliseconds (a number or digits) or RFC 3339. Throws INVALID_ARGUMENT with the field. */
export function readTimeMs(value: unknown, field: string): number {
  const timeMs = typeof value === 'number' ? value : typeof value === 'string' ? parsedTimeMs(value) : Number.NaN
  if (Number.isNaN(timeMs)) throw invalidField(field, String(value), 'Epoch milliseconds or RFC 3339 is allowed.')
  return checkedTimeMs(timeMs, field)
}

/** Throws INVALID_ARGUMENT for a time that is out of range for timestamps in Google's APIs. */
export function checkedTimeMs(timeMs: number, field: string): number {
  if (timeMs >= FIRST_MS && timeMs <= LAST_MS) return timeMs
  throw invalidField(field, String(timeMs), 'A time from 0001-01-01 to 9999-12-31 is allowed.')
}

function parsedTimeMs(text: string): number {
  return /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Date.parse(text)
}
