/** The bounds of a value for help and messages, after a space; empty if there are none. */
export function boundsText(
  { min = 0, max }: { readonly min?: number; readonly max?: number },
  format: (value: number) => string,
): string {
  if (max === undefined) return min === 0 ? '' : ` of at least ${format(min)}`
  return min === 0 ? ` of at most ${format(max)}` : ` from ${format(min)} to ${format(max)}`
}
