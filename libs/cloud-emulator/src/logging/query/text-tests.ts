import { messageOf } from '@node-to-cloud/command-line'
import { RE2JS } from 're2js'
import { shortened } from '../../api/shortened.ts'

export type TextTest = (text: string) => boolean

/** Matching time grows with the size of the compiled expression. */
export const MAX_PROGRAM_SIZE = 4000

/** Whether a string contains another one, ignoring case. */
export function containsText(part: string): TextTest {
  const expression = new RegExp(part.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'), 'i')
  return (text) => expression.test(text)
}

/** Whether a string equals another one, ignoring case. */
export function equalsText(other: string): TextTest {
  const lower = other.toLowerCase()
  return (text) => text.length === other.length && (text === other || text.toLowerCase() === lower)
}

/**
 * Whether any part of a string matches, with RE2 syntax and in linear time; an error message if the expression is
 * invalid.
 */
export function matchesText(pattern: string): TextTest | string {
  try {
    const expression = RE2JS.compile(pattern)
    const size = expression.programSize()
    if (size > MAX_PROGRAM_SIZE)
      return `the regular expression has ${size} steps; at most ${MAX_PROGRAM_SIZE} are allowed`
    return (text) => expression.matcher(text).find()
  } catch (error) {
    return `this is not a valid RE2 regular expression: ${shortened(messageOf(error))}`
  }
}

/** Whether a string has all words of another one, in any order, ignoring case. */
export function hasWords(words: string): TextTest {
  const wanted = wordsOf(words)
  return (text) => {
    const found = new Set(wordsOf(text))
    return wanted.length > 0 && wanted.every((word) => found.has(word))
  }
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []
}
