const UNIT_SECONDS: readonly (readonly [names: string, seconds: number])[] = [
  ['ms', 0.001],
  ['s sec secs second seconds', 1],
  ['m min mins minute minutes', 60],
  ['h hr hour hours', 3600],
  ['d day days', 86_400],
]

/**
 * Seconds of a duration in a script: a number of seconds, or a string such as `90`, `500ms`, `2m` or `1 hour`, which is
 * Artillery's grammar. Undefined if it is neither.
 */
export function parseDurationSeconds(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined
  if (typeof value !== 'string') return undefined
  const [, amount, unit = ''] = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*([a-z]*)\s*$/i.exec(value) ?? []
  if (amount === undefined) return undefined
  const found = UNIT_SECONDS.find(([names]) => names.split(' ').includes(unit.toLowerCase() || 's'))
  return found && Number(amount) * found[1]
}
