/** The percentiles of a run that asks for no others. */
export const DEFAULT_PERCENTILES: readonly number[] = [50, 75, 90, 95, 99, 99.9]

const MAX_PERCENTILES = 20

/** What {@link readPercentiles} takes, in words. */
export const PERCENTILES_ALLOWED = `at most ${MAX_PERCENTILES} percentiles above 0 and up to 100, such as 50,95,99.5`

/** Reads a list of percentiles such as `50,99.5`, ascending, each once; undefined if it can't be read. */
export function readPercentiles(text: string): readonly number[] | undefined {
  const parts = text.split(',').map((part) => part.trim().replace(/^p|%$/g, ''))
  if (parts.length > MAX_PERCENTILES || !parts.every((part) => /^\d{1,3}(\.\d{1,6})?$/.test(part))) return undefined
  const numbers = [...new Set(parts.map(Number))].sort((a, b) => a - b)
  return numbers.every((number) => number > 0 && number <= 100) ? numbers : undefined
}
