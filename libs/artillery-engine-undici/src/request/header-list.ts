/** The flat list of names and values without one header. */
export function withoutHeader(headers: readonly string[], name: string): string[] {
  const result: string[] = []
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const key = headers[index]
    const value = headers[index + 1]
    if (key !== undefined && value !== undefined && key !== name) result.push(key, value)
  }
  return result
}

/** The flat list with one header set to a value. */
export function withHeader(headers: readonly string[], name: string, value: string): string[] {
  const result = withoutHeader(headers, name)
  result.push(name, value)
  return result
}
