/** May be in a text, too: then nothing is lost but time. */
const LONG_INTEGER = /[[:,\s]-?\d{16,20}(?![\d.eE])/
const INTEGER = /^-?\d{16,20}$/

/**
 * As `JSON.parse`, but integers that a `number` would round become `bigint`: protobuf's JSON has 64-bit integers as texts, and
 * takes them as numbers too. Throws SyntaxError.
 */
export function parseExactJson(text: string): unknown {
  return LONG_INTEGER.test(text) ? JSON.parse(text, keepInteger) : JSON.parse(text)
}

function keepInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source ?? ''
  return typeof value === 'number' && !Number.isSafeInteger(value) && INTEGER.test(source) ? BigInt(source) : value
}
