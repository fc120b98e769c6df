import type { TimeShift } from '../parse/ast.ts'

/** The time that a selector reads at for a given evaluation time. */
export function shiftedTime(timeMs: number, { at, offset }: TimeShift): number {
  return (at ?? timeMs) - Math.trunc(offset)
}
