/**
 * Divides users among workers by weight, by the largest remainder method: the parts add up to the total exactly, and
 * each is within one of its exact share. Ties go to the worker that has more users, then to the first one, so that users
 * stay where they are.
 *
 * @param total a whole number of at least 0.
 * @param held each worker's current users; default: none.
 */
export function apportionUsers(total: number, weights: readonly number[], held: readonly number[] = []): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0)
  if (sum <= 0) return weights.map(() => 0)
  const shares = weights.map((weight, index) => {
    const exact = (total * weight) / sum
    const whole = Math.floor(exact + 1e-9)
    return { index, whole, remainder: Math.max(0, exact - whole), held: held[index] ?? 0 }
  })
  let left = total - shares.reduce((all, share) => all + share.whole, 0)
  const order = [...shares].sort((a, b) => {
    const difference = b.remainder - a.remainder
    return Math.abs(difference) > 1e-9 ? difference : b.held - a.held || a.index - b.index
  })
  for (const share of order) {
    if (left <= 0) break
    share.whole++
    left--
  }
  return shares.map((share) => share.whole)
}
