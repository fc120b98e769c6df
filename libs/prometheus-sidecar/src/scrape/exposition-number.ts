/** Linear in the length of the input: no two parts of it can match the same digit. */
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/
const INFINITE = /^([+-]?)inf(?:inity)?$/i
const NOT_A_NUMBER = /^[+-]?nan$/i
const WHOLE_MILLISECONDS = /^-?\d{1,16}$/

/** Parses the value of a sample, including `+Inf`, `-Inf` and `NaN`; undefined if it is not a number. */
export function readNumber(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text)
  const infinite = INFINITE.exec(text)
  if (infinite !== null) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return NOT_A_NUMBER.test(text) ? Number.NaN : undefined
}

/** Parses a timestamp: in seconds in OpenMetrics, otherwise in milliseconds. Returns milliseconds, or undefined. */
export function readTime(text: string, openMetrics: boolean): number | undefined {
  if (!openMetrics) return WHOLE_MILLISECONDS.test(text) ? Number(text) : undefined
  const seconds = readNumber(text)
  return seconds !== undefined && Number.isFinite(seconds) ? Math.round(seconds * 1000) : undefined
}

const LINE_FEED = 10
const PLUS = 43
const MINUS = 45
const POINT = 46
const ZERO = 48
/** `E` and `e` differ in this bit. */
const LOWER_CASE = 0x20
const LOWER_E = 101
/** A double represents any integer of up to this many digits exactly, and 10 to this power as well. */
const MAX_EXACT_DIGITS = 15
const POWERS_OF_TEN = Array.from({ length: MAX_EXACT_DIGITS + 1 }, (_, power) => Number(`1e${power}`))

/** Reads numbers that end a line, as most do, without scanning them more often than necessary. */
export class LineNumberReader {
  /** Where the line of the last number ended. */
  lineEnd = 0

  /** The decimal number in `text` from `from` up to the next line feed; undefined if there is anything else. */
  read(text: string, from: number): number | undefined {
    const negative = text.charCodeAt(from) === MINUS
    const start = negative ? from + 1 : from
    let at = start
    let digits = 0
    let code = text.charCodeAt(at)
    for (; isDigit(code); code = text.charCodeAt(++at)) digits = digits * 10 + (code - ZERO)
    if (at === start) return undefined
    let decimals = 0
    if (code === POINT) {
      const first = at + 1
      for (code = text.charCodeAt(++at); isDigit(code); code = text.charCodeAt(++at))
        digits = digits * 10 + (code - ZERO)
      decimals = at - first
    }
    const isExact = at - start <= MAX_EXACT_DIGITS && code === LINE_FEED
    if ((code | LOWER_CASE) === LOWER_E) {
      code = text.charCodeAt(++at)
      if (code === PLUS || code === MINUS) code = text.charCodeAt(++at)
      if (!isDigit(code)) return undefined
      while (isDigit(code)) code = text.charCodeAt(++at)
    }
    if (code !== LINE_FEED) return undefined
    this.lineEnd = at
    // Both are integers that a double represents exactly, so their quotient is the double nearest to the number.
    if (isExact) return (negative ? -digits : digits) / (POWERS_OF_TEN[decimals] ?? Number.NaN)
    return Number(text.slice(from, at))
  }
}

function isDigit(code: number): boolean {
  return code >= ZERO && code < ZERO + 10
}
