import { ValueError, type ValueType } from './values/value-type.ts'

/** One option, argument or variable that can't be used. */
export interface Problem {
  /** As the user wrote it: `--target`, `SCRIPT`, `PORT`. */
  readonly name: string
  /** As printed; undefined if none was given. */
  readonly value: string | undefined
  readonly allowed: string
  /** The separator of name and value. */
  readonly joint: '=' | ' '
  /** The reason, if there is more to say than what is allowed. */
  readonly reason?: string
}

const MAX_PRINTED_LENGTH = 200

/** The sentence that names it, its value and what is allowed. */
export function problemText({ name, value, allowed, joint, reason }: Problem): string {
  if (value === undefined) return `${name} is not set; it must be ${allowed}`
  return `${name}${joint}${value} can't be used; ${reason ?? `it must be ${allowed}`}`
}

/** The name of the called program in messages: `npm run verify --` without its dashes. */
export function nameOfCall(calledAs: string): string {
  return calledAs.replace(/ --$/, '')
}

/** A string for a message: quoted, truncated, never a secret. */
export function printable(text: string, secret = false): string {
  if (secret) return '(hidden)'
  return JSON.stringify(text.length > MAX_PRINTED_LENGTH ? `${text.slice(0, MAX_PRINTED_LENGTH)}…` : text)
}

/** Parses one string by its type; returns a problem instead of the value if it is invalid. */
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
