import type { TimeShift } from '../parse/ast.ts'

/** The time that a selector looks at, for a time of evaluation. */
export function shiftedTime(timeMs: number, { at, offset }: TimeShift): number {
  return (at ?? timeMs) - Math.trunc(offset)
}
