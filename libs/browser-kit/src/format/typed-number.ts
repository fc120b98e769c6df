/**
 * Parses a typed number that is at least 0, such as `10` or `2.5`; undefined for anything else. `2,5` and `10/s` are
 * invalid: a wrong guess would start a different load than the user intended.
 */
export function parseTypedNumber(text: string): number | undefined {
  return /^\s*(?:\d{1,15}(?:\.\d{1,15})?|\.\d{1,15})\s*$/.test(text) ? Number(text) : undefined
}
