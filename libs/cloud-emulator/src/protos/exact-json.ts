/** It may also be in a string: that costs only time. */
const LONG_INTEGER = /[[:,\s]-?\d{16,20}(?![\d.eE])/
const INTEGER = /^-?\d{16,20}$/

/**
 * Like `JSON.parse`, but integers that a `number` would round become `bigint`: protobuf's JSON writes 64-bit integers
 * as strings, but also accepts numbers. Throws SyntaxError.
 */
export function parseExactJson(text: string): unknown {
  return LONG_INTEGER.test(text) ? JSON.parse(text, keepInteger) : JSON.parse(text)
}

function keepInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source ?? ''
  return typeof value === 'number' && !Number.isSafeInteger(value) && INTEGER.test(source) ? BigInt(source) : value
}
