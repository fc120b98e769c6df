import { isObject } from '../protos/json-fields.ts'

/**
 * The path of the first value of `given` that is missing in `back` or different there; undefined if there is none.
 * Values that protobuf's JSON omits are not missing: empty strings, lists and objects, zeros, false, `…_UNSPECIFIED`
 * and `…_NONE`.
 */
export function firstDifference(given: unknown, back: unknown, path = ''): string | undefined {
  if (Array.isArray(given)) {
    if (given.length === 0 && back === undefined) return undefined
    if (!Array.isArray(back) || back.length !== given.length) return path
    return firstOf(given.map((item, index) => () => firstDifference(item, back[index], `${path}[${index}]`)))
  }
  if (isObject(given)) {
    const inner = isObject(back) ? back : {}
    if (!isObject(back) && back !== undefined) return path
    if (back === undefined && Object.keys(given).length === 0) return undefined
    return firstOf(
      Object.entries(given).map(([key, value]) => () => {
        const camelCase = key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
        return firstDifference(value, inner[key] ?? inner[camelCase], path === '' ? key : `${path}.${key}`)
      }),
    )
  }
  return isSame(given, back) ? undefined : path
}

function firstOf(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const lost = check()
    if (lost !== undefined) return lost
  }
  return undefined
}

function isSame(given: unknown, back: unknown): boolean {
  if (back === undefined || back === null) return isDefault(given)
  if (given === back) return true
  if (typeof given === 'number' || typeof back === 'number') return Number(given) === Number(back)
  // Durations and times are normalized: 60.0s is 60s.
  return typeof given === 'string' && typeof back === 'string' && /^[+-]?[\d.]+s$/.test(given)
    ? Number.parseFloat(given) === Number.parseFloat(back)
    : false
}

function isDefault(value: unknown): boolean {
  return (
    value === null ||
    value === '' ||
    value === false ||
    Number(value) === 0 ||
    /_(?:UNSPECIFIED|NONE)$/.test(String(value))
  )
}
