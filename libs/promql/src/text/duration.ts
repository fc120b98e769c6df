import { quote } from './quote.ts'

const MAX_MILLISECONDS = 2 ** 63 / 1e6

/** From the largest to the smallest, the order in which durations are written. */
const UNITS: readonly (readonly [name: string, milliseconds: number])[] = [
  ['y', 365 * 24 * 3600e3],
  ['w', 7 * 24 * 3600e3],
  ['d', 24 * 3600e3],
  ['h', 3600e3],
  ['m', 60e3],
  ['s', 1e3],
  ['ms', 1],
]

/** A string that is not a Prometheus duration. */
export class DurationError extends Error {
  override readonly name = 'DurationError'
}

/** The milliseconds of a duration such as `1h30m`; throws a {@link DurationError} with Prometheus' message. */
export function parseDuration(text: string): number {
  if (text === '0') return 0
  if (text === '') throw new DurationError('empty duration string')
  const invalid = () => new DurationError(`not a valid duration string: ${quote(text)}`)
  if (!/^(?:\d+\D+)+$/.test(text)) throw invalid()
  let total = 0
  let last = -1
  for (const [, digits = '', unit = ''] of text.matchAll(/(\d+)(\D+)/g)) {
    const index = UNITS.findIndex(([name]) => name === unit)
    const factor = UNITS[index]?.[1]
    if (factor === undefined) throw new DurationError(`unknown unit ${quote(unit)} in duration ${quote(text)}`)
    if (index <= last) throw invalid()
    last = index
    total += Number(digits) * factor
    if (total >= MAX_MILLISECONDS) throw new DurationError('duration out of range')
  }
  return total
}

/**
 * A duration as Prometheus prints it: in years or weeks only if there is no remainder, otherwise in days and smaller
 * units.
 */
export function formatDuration(milliseconds: number): string {
  let rest = Math.trunc(Math.abs(milliseconds))
  if (rest === 0) return '0s'
  let out = milliseconds < 0 ? '-' : ''
  for (const [name, factor] of UNITS) {
    if ((name === 'y' || name === 'w') && rest % factor !== 0) continue
    const count = Math.floor(rest / factor)
    if (count > 0) out += `${count}${name}`
    rest -= count * factor
  }
  return out
}
