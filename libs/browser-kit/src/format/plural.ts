/**
 * The noun for a count, alone or with its verb: `plural(1, 'call')` is `call`, `plural(2, 'call was', 'calls were')` is
 * `calls were`. The default for `many` has an `s` at the end.
 */
export function plural(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? one : many
}
