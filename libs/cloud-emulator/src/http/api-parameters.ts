import { checkedProjectId } from '../monitoring/resource-name.ts'
import { invalidField } from '../rpc/status.ts'

type Query = Readonly<Record<string, unknown>>

export function parameters(query: unknown): Query {
  return typeof query === 'object' && query !== null ? (query as Query) : {}
}

/** The parameter as text; the last where it is given more than once. */
export function textParameter(query: unknown, name: string): string | undefined {
  const value = parameters(query)[name]
  const last: unknown = Array.isArray(value) ? value.at(-1) : value
  return typeof last === 'string' && last !== '' ? last : undefined
}

export function projectParameter(query: unknown, options: { project: string }): string {
  return checkedProjectId(textParameter(query, 'project') ?? options.project)
}

export function numberParameter(
  query: unknown,
  name: string,
  options: { fallback: number; min: number; max: number },
): number {
  const text = textParameter(query, name)
  if (text === undefined) return options.fallback
  const value = Number(text)
  if (Number.isFinite(value) && value >= options.min && value <= options.max) return value
  throw invalidField(name, text, `A number from ${options.min} to ${options.max} is allowed.`)
}

/** A time in epoch milliseconds or RFC 3339. */
export function timeParameter(query: unknown, name: string): number | undefined {
  const text = textParameter(query, name)
  return text === undefined ? undefined : readTimeMs(text, name)
}

/** Reads epoch milliseconds (number or digits) or RFC 3339. Throws INVALID_ARGUMENT naming the field. */
export function readTimeMs(value: unknown, field: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value === 'string') {
    const parsed = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : Date.parse(value)
    if (Number.isFinite(parsed)) return parsed
  }
  throw invalidField(field, String(value), 'Epoch milliseconds or RFC 3339 is allowed.')
}
