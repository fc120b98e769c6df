/** The value as an object with string keys; undefined for arrays, primitives and null. */
export function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

/** The object that a JSON text stands for; undefined for other values, and for text that is not JSON. */
export function parseRecord(text: string): Record<string, unknown> | undefined {
  try {
    return asRecord(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** A copy whose arrays and plain objects may be changed; everything else, functions included, is shared. */
export function copyPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyPlain)
  const record = asRecord(value)
  if (record === undefined) return value
  return Object.fromEntries(Object.entries(record).map(([key, inner]) => [key, copyPlain(inner)]))
}

/**
 * Merges `overlay` into `base` as Artillery does, with lodash's `merge`: objects and lists item by item, so that a list keeps
 * the items of `base` beyond its own; `undefined` is left out. Neither is changed.
 *
 * @param options.lists `replace`: a list replaces the one in `base`, as in Artillery's `--overrides`.
 */
export function mergeAsArtillery(
  base: unknown,
  overlay: unknown,
  options: { readonly lists: 'merge' | 'replace' } = { lists: 'merge' },
): unknown {
  if (overlay === undefined) return base
  if (Array.isArray(overlay)) {
    if (!Array.isArray(base) || options.lists === 'replace') return copyPlain(overlay)
    return Array.from({ length: Math.max(base.length, overlay.length) }, (_, index) =>
      mergeAsArtillery(base[index], overlay[index]),
    )
  }
  const overlayRecord = asRecord(overlay)
  if (overlayRecord === undefined) return overlay
  const merged: Record<string, unknown> = { ...asRecord(base) }
  for (const [key, value] of Object.entries(overlayRecord)) merged[key] = mergeAsArtillery(merged[key], value, options)
  return merged
}

/** A value as an error message shows it. */
export function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
}
