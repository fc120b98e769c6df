/** Linear in the length of the text: no two parts of it can match the same digit. */
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/
const INFINITE = /^([+-]?)inf(?:inity)?$/i
const NOT_A_NUMBER = /^[+-]?nan$/i
const WHOLE_MILLISECONDS = /^-?\d{1,16}$/

/** Parses the value of a sample, also `+Inf`, `-Inf` and `NaN`; undefined if it is not a number. */
export function readNumber(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text)
  const infinite = INFINITE.exec(text)
  if (infinite !== null) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return NOT_A_NUMBER.test(text) ? Number.NaN : undefined
}

/** Parses a time: in seconds in OpenMetrics, otherwise in milliseconds. Returns milliseconds, or undefined. */
export function readTime(text: string, openMetrics: boolean): number | undefined {
  if (!openMetrics) return WHOLE_MILLISECONDS.test(text) ? Number(text) : undefined
  const seconds = readNumber(text)
  return seconds !== undefined && Number.isFinite(seconds) ? Math.round(seconds * 1000) : undefined
}
