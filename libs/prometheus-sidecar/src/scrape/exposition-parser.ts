import { METRIC_TYPES, type MetricMetadata, type MetricType } from '../model/metadata.ts'
import type { Exemplar } from '../model/sample.ts'

/** The exposition formats. */
export type ExpositionFormat = 'openmetrics' | 'text'

/** One sample line. */
export interface ExposedSample {
  /**
   * Name and labels as written in the line, such as `up{a="b"}`: the same text is the same series. See {@link
   * parseSeries}.
   */
  readonly series: string
  readonly value: number
  /** In Unix milliseconds, if the line has a timestamp. */
  readonly timestampMs: number | undefined
  /** Its timestamp is NaN if it has none. */
  readonly exemplar: Exemplar | undefined
}

/** The content of one scrape. */
export interface Exposition {
  readonly samples: readonly ExposedSample[]
  readonly metadata: readonly MetricMetadata[]
}

export interface ExpositionLimits {
  readonly maxSamples: number
  readonly maxLabels: number
  readonly maxLabelNameLength: number
  readonly maxLabelValueLength: number
}

export const DEFAULT_EXPOSITION_LIMITS: ExpositionLimits = {
  maxSamples: 200_000,
  maxLabels: 64,
  maxLabelNameLength: 512,
  maxLabelValueLength: 16_384,
}

/** An exposition that can't be parsed, or exceeds a limit; its message names the line. */
export class ExpositionError extends Error {
  readonly code = 'ERR_EXPOSITION'

  constructor(message: string, line?: number) {
    super(line === undefined ? message : `line ${line}: ${message}`)
    this.name = 'ExpositionError'
  }
}

const TYPES: Readonly<Record<ExpositionFormat, ReadonlyMap<string, MetricType>>> = {
  openmetrics: new Map(METRIC_TYPES.map((type) => [type, type])),
  text: new Map<string, MetricType>([
    ['counter', 'counter'],
    ['gauge', 'gauge'],
    ['histogram', 'histogram'],
    ['summary', 'summary'],
    ['untyped', 'unknown'],
  ]),
}

/** The format that a Content-Type names; text 0.0.4 unless it is OpenMetrics. */
export function formatOf(contentType: string | null): ExpositionFormat {
  return contentType?.split(';')[0]?.trim().toLowerCase() === 'application/openmetrics-text' ? 'openmetrics' : 'text'
}

/**
 * Parses an exposition: OpenMetrics 1.0.0 (which must end with `# EOF`, and has times in seconds and exemplars) or
 * Prometheus' text format 0.0.4 (times in milliseconds). As in Prometheus, one error rejects the whole exposition:
 * throws an {@link ExpositionError}.
 *
 * @see https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function parseExposition(
  text: string,
  format: ExpositionFormat,
  limits: ExpositionLimits = DEFAULT_EXPOSITION_LIMITS,
): Exposition {
  const samples: ExposedSample[] = []
  const families = new Map<string, { type?: MetricType; help?: string; unit?: string }>()
  const openMetrics = format === 'openmetrics'
  let ended = false
  let line = 0
  for (let start = 0; start < text.length; ) {
    line += 1
    let end = text.indexOf('\n', start)
    if (end < 0) {
      if (openMetrics && text.slice(start) !== '# EOF') throw new ExpositionError('the last line is truncated', line)
      end = text.length
    }
    const from = start
    start = end + 1
    if (ended) throw new ExpositionError('there is more after # EOF', line)
    if (text.charCodeAt(from) === HASH) {
      if (openMetrics && end - from === 5 && text.startsWith('# EOF', from)) ended = true
      else readComment(text.slice(from, end), openMetrics, families, line)
      continue
    }
    if (!openMetrics) {
      const trimmed = text.slice(from, end).trim()
      if (trimmed === '') continue
      if (trimmed.startsWith('#')) {
        readComment(trimmed, false, families, line)
        continue
      }
    }
    if (samples.length >= limits.maxSamples) {
      throw new ExpositionError(`there are more than ${limits.maxSamples} samples`, line)
    }
    samples.push(readSample(text, from, end, openMetrics, line, limits))
  }
  if (openMetrics && !ended) throw new ExpositionError('the exposition does not end with # EOF')
  const metadata: MetricMetadata[] = []
  for (const [family, { type = 'unknown', help = '', unit = '' }] of families)
    metadata.push({ family, type, help, unit })
  return { samples, metadata }
}

const HASH = 35
const QUOTE = 34
const BACKSLASH = 92
const OPEN_BRACE = 123
const CLOSE_BRACE = 125
const SPACE = 32
const TAB = 9
const CARRIAGE_RETURN = 13

type Families = Map<string, { type?: MetricType; help?: string; unit?: string }>

const METADATA_LINE = /^#[ \t]+(TYPE|HELP|UNIT)[ \t]+([a-zA-Z_:][a-zA-Z0-9_:]*)(?:[ \t](.*))?$/s

function readComment(comment: string, openMetrics: boolean, families: Families, line: number): void {
  const found = METADATA_LINE.exec(openMetrics ? comment : comment.trimEnd())
  if (found === null) {
    if (openMetrics)
      throw new ExpositionError(`${JSON.stringify(clip(comment))} is not a TYPE, HELP, UNIT or EOF line`, line)
    return
  }
  const [, keyword, name = '', rest = ''] = found
  let family = families.get(name)
  if (family === undefined) {
    family = {}
    families.set(name, family)
  }
  if (keyword === 'HELP') family.help = unescapeHelp(rest)
  else if (keyword === 'UNIT') {
    if (openMetrics) family.unit = rest
  } else {
    const type = TYPES[openMetrics ? 'openmetrics' : 'text'].get(rest.trim())
    if (type === undefined)
      throw new ExpositionError(`${name} has the unknown type ${JSON.stringify(clip(rest))}`, line)
    family.type = type
  }
}

function unescapeHelp(text: string): string {
  return text.replaceAll(/\\([\\n"])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
}

function readSample(
  text: string,
  from: number,
  end: number,
  openMetrics: boolean,
  line: number,
  limits: ExpositionLimits,
): ExposedSample {
  let start = from
  let last = end
  if (!openMetrics) {
    while (isBlank(text.charCodeAt(start))) start += 1
    while (last > start && isBlank(text.charCodeAt(last - 1))) last -= 1
  }
  const seriesEnd = findSeriesEnd(text, start, last, line)
  const series = text.slice(start, seriesEnd)
  let rest = seriesEnd
  if (!isSeparator(text.charCodeAt(rest), openMetrics)) throw new ExpositionError(`${clip(series)} has no value`, line)

  // Searched for in this line only: a search of the whole text would make parsing quadratic.
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
      throw new ExpositionError(`${clip(series)} has the time ${JSON.stringify(clip(timeText))}, not a number`, line)
    }
  }
  const exemplar = hasExemplar ? readExemplar(text.slice(exemplarStart + 3, last), line, limits) : undefined
  return { series, value, timestampMs, exemplar }
}

/** The end of name and labels: the first blank outside quotes after an optional label block. */
function findSeriesEnd(text: string, from: number, end: number, line: number): number {
  let position = from
  while (position < end) {
    const code = text.charCodeAt(position)
    if (code === OPEN_BRACE) {
      const close = findBlockEnd(text, position, end)
      if (close < 0) throw new ExpositionError(`the labels of ${clip(text.slice(from, position))} are not closed`, line)
      return close + 1
    }
    if (code === SPACE || code === TAB) {
      // Text 0.0.4 allows blanks between name and labels.
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

function findBlockEnd(text: string, open: number, end: number): number {
  let quoted = false
  for (let position = open + 1; position < end; position++) {
    const code = text.charCodeAt(position)
    if (quoted) {
      if (code === BACKSLASH) position += 1
      else if (code === QUOTE) quoted = false
    } else if (code === QUOTE) quoted = true
    else if (code === CLOSE_BRACE) return position
  }
  return -1
}

function findFieldEnd(text: string, from: number, end: number): number {
  let position = from
  while (position < end && !isBlank(text.charCodeAt(position))) position += 1
  return position
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB || code === CARRIAGE_RETURN
}

function isSeparator(code: number, openMetrics: boolean): boolean {
  return openMetrics ? code === SPACE : isBlank(code)
}

/** OpenMetrics has exactly one space between fields. */
function skipSeparators(text: string, from: number, end: number, openMetrics: boolean): number {
  if (openMetrics) return from + 1
  let position = from
  while (position < end && isBlank(text.charCodeAt(position))) position += 1
  return position
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const INFINITE = /^([+-]?)inf(?:inity)?$/i

function readNumber(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text)
  const infinite = INFINITE.exec(text)
  if (infinite !== null) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return /^[+-]?nan$/i.test(text) ? Number.NaN : undefined
}

function readTime(text: string, openMetrics: boolean): number | undefined {
  if (!openMetrics) return /^-?\d{1,16}$/.test(text) ? Number(text) : undefined
  const seconds = readNumber(text)
  return seconds !== undefined && Number.isFinite(seconds) ? Math.round(seconds * 1000) : undefined
}

/** The limit of OpenMetrics for all label names and values of an exemplar together. */
const MAX_EXEMPLAR_CHARACTERS = 128

function readExemplar(text: string, line: number, limits: ExpositionLimits): Exemplar {
  const close = text.startsWith('{') ? findBlockEnd(text, 0, text.length) : -1
  if (close < 0) throw new ExpositionError('an exemplar has no labels', line)
  const labels = readLabels(text.slice(1, close), line, limits)
  let characters = 0
  for (const [name, value] of labels) characters += name.length + value.length
  if (characters > MAX_EXEMPLAR_CHARACTERS) {
    throw new ExpositionError(
      `an exemplar's labels have ${characters} characters; at most ${MAX_EXEMPLAR_CHARACTERS} are allowed`,
      line,
    )
  }
  const fields = text.slice(close + 1).split(' ')
  const value = readNumber(fields[1] ?? '')
  const timestampMs = fields[2] === undefined ? Number.NaN : readTime(fields[2], true)
  if (fields[0] !== '' || fields.length > 3 || value === undefined || timestampMs === undefined) {
    throw new ExpositionError(`${JSON.stringify(clip(text))} is not an exemplar`, line)
  }
  return { labels, value, timestampMs }
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/

/** Parses a series such as `up{a="b"}`. Throws an {@link ExpositionError}. */
export function parseSeries(
  series: string,
  limits: ExpositionLimits = DEFAULT_EXPOSITION_LIMITS,
): { readonly name: string; readonly labels: Map<string, string> } {
  const open = series.indexOf('{')
  const name = (open < 0 ? series : series.slice(0, open)).trim()
  if (!NAME.test(name)) throw new ExpositionError(`${JSON.stringify(clip(name))} is not a metric name`)
  if (open < 0) return { name, labels: new Map() }
  return { name, labels: readLabels(series.slice(open + 1, -1), undefined, limits) }
}

const LABEL = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"([^"\\]*(?:\\.[^"\\]*)*)"[ \t]*(,[ \t]*|$)/sy

function readLabels(block: string, line: number | undefined, limits: ExpositionLimits): Map<string, string> {
  const labels = new Map<string, string>()
  let position = 0
  while (position < block.length) {
    LABEL.lastIndex = position
    const found = LABEL.exec(block)
    if (found === null) {
      if (block.slice(position).trim() === '') break
      throw new ExpositionError(`${JSON.stringify(clip(block.slice(position)))} is not a list of labels`, line)
    }
    position = LABEL.lastIndex
    const [, name = '', raw = ''] = found
    if (labels.has(name)) throw new ExpositionError(`the label ${name} appears twice`, line)
    if (name.length > limits.maxLabelNameLength || raw.length > limits.maxLabelValueLength) {
      throw new ExpositionError(
        `label ${clip(name)}: names may have up to ${limits.maxLabelNameLength} characters, values up to ${limits.maxLabelValueLength}`,
        line,
      )
    }
    labels.set(name, raw.includes('\\') ? unescapeHelp(raw) : raw)
    if (labels.size > limits.maxLabels) throw new ExpositionError(`more than ${limits.maxLabels} labels`, line)
  }
  return labels
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
