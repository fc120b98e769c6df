const DECIMAL = /^[-+]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:e[-+]?\d[\d_]*)?$/i
const HEXADECIMAL = /^([-+]?)0x([\da-f_]*)\.?([\da-f_]*)p([-+]?\d+)$/i
const INFINITE = /^[-+]?inf(?:inity)?$/i

/**
 * Parses a number as Go does, and thus Prometheus its parameters; undefined if it is invalid. There may be underscores
 * between digits. A number that is too large for a float is invalid.
 */
export function goNumber(text: string): number | undefined {
  if (INFINITE.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (/^nan$/i.test(text)) return Number.NaN
  if (/_(?![\da-f])|[^\da-fx]_/i.test(text)) return undefined
  const digits = text.replaceAll('_', '')
  const value = DECIMAL.test(text) ? Number(digits) : hexadecimal(digits)
  return value !== undefined && Number.isFinite(value) ? value : undefined
}

function hexadecimal(text: string): number | undefined {
  const [, sign = '', whole = '', fraction = '', exponent = ''] = HEXADECIMAL.exec(text) ?? []
  if (whole === '' && fraction === '') return undefined
  const mantissa = Number.parseInt(`${whole}${fraction}`, 16)
  const value = mantissa * 2 ** (Number(exponent) - 4 * fraction.length)
  return sign === '-' ? -value : value
}
