/** NaN if there is one, then the largest and the smallest of the other values. */
export function extremes(values: Float64Array): number[] {
  const numbers = values.filter((value) => !Number.isNaN(value))
  const found = numbers.length === values.length ? [] : [Number.NaN]
  if (numbers.length === 0) return found
  let [smallest = 0] = numbers
  let largest = smallest
  for (const value of numbers) {
    smallest = Math.min(smallest, value)
    largest = Math.max(largest, value)
  }
  return [...found, largest, smallest]
}
