import { ValueError, type ValueType } from './values/value-type.ts'

/** One option, argument or variable that can't be used. */
export interface Problem {
  /** As the user wrote it: `--target`, `SCRIPT`, `PORT`. */
  readonly name: string
  /** As it is printed; undefined where none was given. */
  readonly value: string | undefined
  readonly allowed: string
  /** What stands between name and value. */
  readonly joint: '=' | ' '
  /** Why, where it is more than what is allowed. */
  readonly reason?: string
}

const MAX_PRINTED_LENGTH = 200

/** The sentence that names it, its value and what is allowed. */
export function problemText({ name, value, allowed, joint, reason }: Problem): string {
  if (value === undefined) return `${name} is not set; it must be ${allowed}`
  return `${name}${joint}${value} can't be used; ${reason ?? `it must be ${allowed}`}`
}

/** How a message names what was called: `npm run verify --` without its dashes. */
export function nameOfCall(calledAs: string): string {
  return calledAs.replace(/ --$/, '')
}

/** A text as a message may show it: quoted, bounded, never a secret. */
export function printable(text: string, secret = false): string {
  if (secret) return '(hidden)'
  return JSON.stringify(text.length > MAX_PRINTED_LENGTH ? `${text.slice(0, MAX_PRINTED_LENGTH)}…` : text)
}

/** Reads one text by its type; a problem in place of the value where it can't be used. */
export function readText(
  type: ValueType<unknown>,
  text: string,
  { name, shownValue, joint }: { readonly name: string; readonly shownValue: string; readonly joint: '=' | ' ' },
): { readonly value: unknown; readonly problem?: Problem } {
  try {
    const value = type.parse(text)
    if (value !== undefined) return { value }
    return { value, problem: { name, value: shownValue, allowed: type.allowed, joint } }
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    return {
      value: undefined,
      problem: { name, value: shownValue, allowed: type.allowed, joint, reason: error.message },
    }
  }
}
