import { show } from '../script/plain-object.ts'
import { ScriptError } from '../script/script-error.ts'

/**
 * Picks scenarios at random by weight; returns their index.
 *
 * @param weights one per scenario; undefined counts as 1.
 * @throws ScriptError for a negative weight, or if all of them are 0.
 */
export function createScenarioPicker(weights: readonly unknown[]): () => number {
  const bounds: number[] = []
  let total = 0
  for (const [index, weight] of weights.entries()) {
    const value = weight === undefined ? 1 : Number(weight)
    if (!Number.isFinite(value) || value < 0)
      throw ScriptError.at(`scenarios[${index}].weight`, `must be a number of at least 0, not ${show(weight)}`)
    total += value
    bounds.push(total)
  }
  if (total === 0) throw new ScriptError('scenarios: at least one weight must be above 0', { field: 'scenarios' })
  return () => {
    const point = Math.random() * total
    return bounds.findIndex((bound) => point < bound)
  }
}
