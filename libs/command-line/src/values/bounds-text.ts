/** What a help or message says of the least and the greatest value, with a space before it; nothing where there is none. */
export function boundsText(
  { min = 0, max }: { readonly min?: number; readonly max?: number },
  format: (value: number) => string,
): string {
  if (max === undefined) return min === 0 ? '' : ` of at least ${format(min)}`
  return min === 0 ? ` of at most ${format(max)}` : ` from ${format(min)} to ${format(max)}`
}
