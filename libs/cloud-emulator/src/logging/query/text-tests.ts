import { messageOf } from '@node-to-cloud/command-line'
import { RE2JS } from 're2js'
import { shortened } from '../../api/shortened.ts'

export type TextTest = (text: string) => boolean

/** The time that matching takes grows with the size of the compiled expression. */
export const MAX_PROGRAM_SIZE = 4000

/** Whether a text contains another one, in any case. */
export function containsText(part: string): TextTest {
  const expression = new RegExp(part.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'), 'i')
  return (text) => expression.test(text)
}

/** Whether a text is another one, in any case. */
export function equalsText(other: string): TextTest {
  const lower = other.toLowerCase()
  return (text) => text.length === other.length && (text === other || text.toLowerCase() === lower)
}

/** Whether a part of a text matches, in RE2's syntax and linear time. The answer is a sentence if it can't be used. */
export function matchesText(pattern: string): TextTest | string {
  try {
    const expression = RE2JS.compile(pattern)
    const size = expression.programSize()
    if (size > MAX_PROGRAM_SIZE)
      return `the regular expression has ${size} steps; at most ${MAX_PROGRAM_SIZE} are allowed`
    return (text) => expression.matcher(text).find()
  } catch (error) {
    return `this is not a regular expression of RE2: ${shortened(messageOf(error))}`
  }
}

/** Whether a text has all words of another one, in any case and order. */
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
