/** A PromQL string literal, which uses Go's escapes. */
export function promqlString(text: string): string {
  const escaped = text.replaceAll(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')
  return `"${escaped}"`
}
