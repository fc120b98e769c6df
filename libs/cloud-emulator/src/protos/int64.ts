/** A decoded 64-bit integer, as in protobufjs' `Long`. */
export interface Int64 {
  readonly low: number
  readonly high: number
}

/** A 64-bit field: `Int64` in decoded messages, a number or decimal string in messages created here. */
export type Int64Like = Int64 | number | string

const TWO_TO_32 = 4294967296

/** The nearest number to a signed 64-bit integer (exact up to 2^53). */
export function int64ToNumber(value: Int64Like): number {
  if (typeof value === 'number') return value
  if (typeof value === 'string') return Number(value)
  return value.high * TWO_TO_32 + (value.low >>> 0)
}

/** The exact value of a signed 64-bit integer. */
export function int64ToBigInt(value: Int64Like): bigint {
  if (typeof value === 'object') return BigInt.asIntN(64, (BigInt(value.high) << 32n) | BigInt(value.low >>> 0))
  return BigInt(value)
}

/** The decimal digits, as in proto3 JSON. */
export function int64ToString(value: Int64Like): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return BigInt(Math.trunc(value)).toString()
  return int64ToBigInt(value).toString()
}

export function int64FromBigInt(value: bigint): Int64 {
  const bits = BigInt.asUintN(64, value)
  return { low: Number(bits & 0xffffffffn) | 0, high: Number(bits >> 32n) | 0 }
}
