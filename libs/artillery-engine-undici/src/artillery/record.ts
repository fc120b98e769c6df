/** True for anything with string keys: objects and arrays, not null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** The value as a record, or an empty one where the script omits it. */
export function recordOrEmpty(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}

/** A copy with lower-case keys; where two keys become the same, the later one wins. */
export function lowerCaseKeys(value: unknown): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(recordOrEmpty(value))) result[key.toLowerCase()] = item
  return result
}

/** No name, one name or a list of names, as a list. */
export function namesOf(value: unknown): string[] {
  if (value === undefined || value === null) return []
  return (Array.isArray(value) ? value : [value]).map(String)
}
