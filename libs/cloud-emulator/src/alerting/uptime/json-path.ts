const MAX_LENGTH = 1000
const STEP = /\.([A-Za-z_][\w-]*)|\[(\d{1,6})\]|\['([^']*)'\]|\["([^"]*)"\]/y

/** Parses a path of names and indexes, such as `$.items[0]['a b']`; undefined if it is invalid. */
export function parseJsonPath(path: string): (string | number)[] | undefined {
  if (!path.startsWith('$') || path.length > MAX_LENGTH) return undefined
  const steps: (string | number)[] = []
  STEP.lastIndex = 1
  while (STEP.lastIndex < path.length) {
    const match = STEP.exec(path)
    if (!match) return undefined
    const [, name, index, single, double] = match
    steps.push(index === undefined ? (name ?? single ?? double ?? '') : Number(index))
  }
  return steps
}

/** The value at a path; undefined if there is none. */
export function valueAtPath(json: unknown, path: readonly (string | number)[]): unknown {
  let value = json
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string | number, unknown>)[step]
  }
  return value
}
