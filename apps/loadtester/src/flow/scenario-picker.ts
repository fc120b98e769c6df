import { ScriptError } from '../script/script-error.ts'

/**
 * Picks scenarios at random by weight.
 *
 * @param weights one for each scenario; undefined counts as 1.
 * @param random a number of at least 0 and below 1.
 * @throws ScriptError for a negative weight, or when all of them are 0.
 */
export function createScenarioPicker(weights: readonly unknown[], random: () => number = Math.random): () => number {
  const bounds: number[] = []
  let total = 0
  for (const [index, weight] of weights.entries()) {
    const value = weight === undefined ? 1 : Number(weight)
    if (!Number.isFinite(value) || value < 0) {
      const field = `scenarios[${index}].weight`
      throw new ScriptError(`${field} must be a number of at least 0, not ${JSON.stringify(weight)}`, { field })
    }
    total += value
    bounds.push(total)
  }
  if (total === 0) throw new ScriptError('scenarios: at least one weight must be above 0', { field: 'scenarios' })
  return () => {
    const point = random() * total
    return bounds.findIndex((bound) => point < bound)
  }
}
