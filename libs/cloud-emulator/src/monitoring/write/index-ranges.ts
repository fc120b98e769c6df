/** Increasing indexes in the API's format: `0-2,5`. */
export function indexRanges(indexes: readonly number[]): string {
  const ranges: string[] = []
  let first: number | undefined
  let last: number | undefined
  const close = (): void => {
    if (first === undefined || last === undefined) return
    ranges.push(first === last ? `${first}` : `${first}-${last}`)
  }
  for (const index of indexes) {
    if (last !== undefined && index === last + 1) {
      last = index
      continue
    }
    close()
    first = index
    last = index
  }
  close()
  return ranges.join(',')
}
