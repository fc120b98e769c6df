/** The value as an object with string keys; undefined for arrays, primitives and null. */
export function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

/** A copy whose arrays and plain objects may be changed; everything else, functions included, is shared. */
export function copyPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyPlain)
  const record = asRecord(value)
  if (record === undefined) return value
  return Object.fromEntries(Object.entries(record).map(([key, inner]) => [key, copyPlain(inner)]))
}

/** Lays `overlay` over `base`, object by object; neither is changed. */
export function mergeDeep(base: unknown, overlay: unknown): unknown {
  const baseRecord = asRecord(base)
  const overlayRecord = asRecord(overlay)
  if (baseRecord === undefined || overlayRecord === undefined) return overlay
  const merged: Record<string, unknown> = { ...baseRecord }
  for (const [key, value] of Object.entries(overlayRecord)) merged[key] = mergeDeep(baseRecord[key], value)
  return merged
}

/** A value as an error message shows it. */
export function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
}
