import type { Exemplar } from '../model/sample.ts'
import { clip, ExpositionError } from './exposition-error.ts'
import { readNumber, readTime } from './exposition-number.ts'
import { findBlockEnd, readLabelBlock } from './label-block.ts'

/** One sample line. */
export interface ExposedSample {
  /**
   * Name and labels as written in the line, such as `up{a="b"}`; the same string is always the same series. See
   * `parseSeries`.
   */
  readonly series: string
  readonly value: number
  /** In Unix milliseconds, if the line has a timestamp. */
  readonly timestampMs: number | undefined
  /**
   * Its timestamp is NaN if it has none. `dropped`: it is well-formed, but longer than OpenMetrics allows, or has
   * unusable labels.
   */
  readonly exemplar: Exemplar | 'dropped' | undefined
}

/** A sample without timestamp and exemplar, whose object is reused for the next value of its series. */
export interface ExpectedSample extends ExposedSample {
  value: number
  readonly timestampMs: undefined
  readonly exemplar: undefined
}

const TAB = 9
const CARRIAGE_RETURN = 13
const SPACE = 32
const OPEN_BRACE = 123
const CLOSE_BRACE = 125

/**
 * The end of a line whose labels are not closed before its first line break: in the text format, label values may
 * contain line breaks. Returns the length of the text if nothing closes the labels.
 */
export function endOfOpenLine(text: string, from: number): number {
  const open = text.indexOf('{', from)
  const close = open < 0 ? -1 : findBlockEnd(text, open, text.length)
  const end = close < 0 ? -1 : text.indexOf('\n', close)
  return end < 0 ? text.length : end
}

/**
 * Reads the sample in `text[start, end)`, whose name and labels end at `seriesEnd`. Throws an {@link ExpositionError}.
 */
export function readSample(
  text: string,
  { start, seriesEnd, end }: { readonly start: number; readonly seriesEnd: number; readonly end: number },
  openMetrics: boolean,
  line: number,
): ExposedSample {
  let last = end
  if (!openMetrics) while (last > seriesEnd && isBlank(text.charCodeAt(last - 1))) last -= 1
  const series = text.slice(start, seriesEnd)
  let rest = seriesEnd
  if (!endsSeries(text, rest, last, openMetrics)) throw new ExpositionError(`${clip(series)} has no value`, line)

  // Searched for in this line only: searching the whole text would make parsing quadratic.
  const exemplarAt = openMetrics ? text.slice(rest, last).indexOf(' # ') : -1
  const hasExemplar = exemplarAt >= 0
  const exemplarStart = rest + exemplarAt
  const fieldsEnd = hasExemplar ? exemplarStart : last
  rest = skipSeparators(text, rest, fieldsEnd, openMetrics)
  const valueEnd = findFieldEnd(text, rest, fieldsEnd)
  const value = readNumber(text.slice(rest, valueEnd))
  if (value === undefined) {
    throw new ExpositionError(
      `${clip(series)} has the value ${JSON.stringify(clip(text.slice(rest, valueEnd)))}, not a number`,
      line,
    )
  }
  let timestampMs: number | undefined
  if (valueEnd < fieldsEnd) {
    const timeText = text.slice(skipSeparators(text, valueEnd, fieldsEnd, openMetrics), fieldsEnd)
    timestampMs = readTime(timeText, openMetrics)
    if (timestampMs === undefined) {
      throw new ExpositionError(
        `${clip(series)} has the timestamp ${JSON.stringify(clip(timeText))}, not a number`,
        line,
      )
    }
  }
  const exemplar = hasExemplar ? readExemplar(text.slice(exemplarStart + 3, last), line) : undefined
  return { series, value, timestampMs, exemplar }
}

/**
 * The end of name and labels: the first blank outside quotes after an optional label block. Returns -1 if the label
 * block is not closed.
 */
export function findSeriesEnd(text: string, from: number, end: number): number {
  let position = from
  while (position < end) {
    const code = text.charCodeAt(position)
    if (code === OPEN_BRACE) {
      const close = findBlockEnd(text, position, end)
      return close < 0 ? -1 : close + 1
    }
    if (code === SPACE || code === TAB) {
      // The text format allows blanks between name and labels.
      let next = position
      while (next < end && isBlank(text.charCodeAt(next))) next += 1
      if (text.charCodeAt(next) !== OPEN_BRACE) return position
      position = next
      continue
    }
    position += 1
  }
  return end
}

/** The text format allows the value to follow the closing brace directly. */
function endsSeries(text: string, at: number, end: number, openMetrics: boolean): boolean {
  if (at >= end) return false
  if (openMetrics) return text.charCodeAt(at) === SPACE
  return isBlank(text.charCodeAt(at)) || text.charCodeAt(at - 1) === CLOSE_BRACE
}

function findFieldEnd(text: string, from: number, end: number): number {
  let position = from
  while (position < end && !isBlank(text.charCodeAt(position))) position += 1
  return position
}

/** Whether a character is a space, a tab or a carriage return. */
export function isBlank(code: number): boolean {
  return code === SPACE || code === TAB || code === CARRIAGE_RETURN
}

/** OpenMetrics has exactly one space between fields. */
function skipSeparators(text: string, from: number, end: number, openMetrics: boolean): number {
  if (openMetrics) return from + 1
  let position = from
  while (position < end && isBlank(text.charCodeAt(position))) position += 1
  return position
}

/** OpenMetrics' limit for all label names and values of an exemplar together. */
const MAX_EXEMPLAR_CHARACTERS = 128

function readExemplar(text: string, line: number): Exemplar | 'dropped' {
  const close = text.startsWith('{') ? findBlockEnd(text, 0, text.length) : -1
  if (close < 0) throw new ExpositionError('an exemplar has no labels', line)
  const { name, labels, repeated } = readLabelBlock(text.slice(1, close), line)
  const fields = text.slice(close + 1).split(' ')
  const value = readNumber(fields[1] ?? '')
  const timestampMs = fields[2] === undefined ? Number.NaN : readTime(fields[2], true)
  if (name !== undefined || fields[0] !== '' || fields.length > 3 || value === undefined || timestampMs === undefined) {
    throw new ExpositionError(`${JSON.stringify(clip(text))} is not an exemplar`, line)
  }
  let characters = 0
  for (const [name, value] of labels) characters += name.length + value.length
  if (characters > MAX_EXEMPLAR_CHARACTERS || repeated !== undefined || !text.isWellFormed()) return 'dropped'
  return { labels, value, timestampMs }
}
