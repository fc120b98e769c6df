import { nameOfCall, printable, problemText, readText } from '../problem.ts'
import type { ValueSpec } from '../values/value-type.ts'

/** Reads the positional words of a command, in the order of its specification. */
export function readArguments(
  spec: ValueSpec,
  words: readonly string[],
  { calledAs, problems }: { readonly calledAs: string; readonly problems: string[] },
): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  const left = [...words]
  for (const [name, type] of Object.entries(spec)) {
    const texts = left.splice(0, type.element === undefined ? 1 : left.length)
    if (texts.length === 0) {
      if (type.required) problems.push(`${nameOfCall(calledAs)} needs ${name}; it must be ${type.allowed}`)
      values[name] = type.fallback
      continue
    }
    const read = texts.map((text) => {
      const { value, problem } = readText(type.element ?? type, text, { name, shownValue: printable(text), joint: ' ' })
      if (problem) problems.push(problemText(problem))
      return value
    })
    values[name] = type.element === undefined ? read[0] : read
  }
  if (left.length > 0) {
    const count = Object.keys(spec).length === 0 ? 'no arguments' : Object.keys(spec).join(' ')
    problems.push(
      `${nameOfCall(calledAs)} takes ${count}; ${left.map((word) => printable(word)).join(', ')} can't be used`,
    )
  }
  return values
}
