const INT32_TYPES = new Set(['int32', 'uint32', 'sint32', 'fixed32', 'sfixed32'])

/** Google's parser ignores the case of these words: Python clients send `True` and `False`. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['true', 't', 'yes', 'y', '1'].map((word) => [word, true] as const),
  ...['false', 'f', 'no', 'n', '0'].map((word) => [word, false] as const),
])
const NUMBER = /^[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,5})?$/
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/
const INTEGER = /^[+-]?\d{1,20}$/

type Scalar = string | number | boolean | Buffer

/**
 * A value of a scalar type from JSON, or from a query string, as Google's parser accepts it; undefined if it is
 * invalid.
 */
export function scalarFromJson(type: string, value: unknown): Scalar | undefined {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : undefined
    case 'bool':
      return typeof value === 'string'
        ? BOOLEANS.get(value.toLowerCase())
        : typeof value === 'boolean'
          ? value
          : undefined
    case 'bytes':
      return typeof value === 'string' && BASE64.test(value) ? Buffer.from(value, 'base64') : undefined
    case 'double':
    case 'float':
      return doubleFromJson(value)
    default:
      return integerFromJson(type, value)
  }
}

function doubleFromJson(value: unknown): number | undefined {
  if (typeof value === 'bigint') return Number(value)
  // JSON.parse turns numbers that are too large into infinity.
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value)
  return typeof value === 'string' && NUMBER.test(value) && Number.isFinite(Number(value)) ? Number(value) : undefined
}

/** As a string or number, also in notations such as `6e1` and `60.0` for whole numbers. */
function integerFromJson(type: string, value: unknown): number | string | undefined {
  const integer = wholeNumber(value)
  if (integer === undefined) return undefined
  const unsigned = type.startsWith('uint') || type.startsWith('fixed')
  const bits = INT32_TYPES.has(type) ? 32 : 64
  const fits = (unsigned ? BigInt.asUintN(bits, integer) : BigInt.asIntN(bits, integer)) === integer
  if (!fits) return undefined
  return bits === 32 ? Number(integer) : integer.toString()
}

function wholeNumber(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'string' && INTEGER.test(value)) return BigInt(value.replace('+', ''))
  const isNumber = typeof value === 'number' || (typeof value === 'string' && NUMBER.test(value))
  return isNumber && Number.isSafeInteger(Number(value)) ? BigInt(Number(value)) : undefined
}
