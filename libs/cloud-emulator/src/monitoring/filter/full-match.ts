import { messageOf } from '@node-to-cloud/command-line'
import { RE2JS } from 're2js'
import { shortened } from '../../api/shortened.ts'
import { FilterError } from './filter-error.ts'

/** Matching time grows with the size of the compiled expression. */
const MAX_PROGRAM_SIZE = 4000

/**
 * Implements `monitoring.regex.full_match`: whether an entire string matches, with RE2 syntax and, like RE2, in linear
 * time. Throws `FilterError` for an invalid or too large expression.
 */
export function fullMatch(pattern: string, position: number): (text: string) => boolean {
  const expression = compile(pattern, position)
  const size = expression.programSize()
  if (size > MAX_PROGRAM_SIZE) {
    throw new FilterError(
      `"${shortened(pattern)}" is too large for a regular expression: ${size} steps, at most ${MAX_PROGRAM_SIZE} are allowed`,
      position,
    )
  }
  return (text) => expression.matches(text)
}

function compile(pattern: string, position: number): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    const reason = shortened(messageOf(error))
    throw new FilterError(`"${shortened(pattern)}" is not a valid RE2 regular expression: ${reason}`, position)
  }
}
