import { METRIC_TYPES, type MetricMetadata, type MetricType } from '../model/metadata.ts'
import { clip, ExpositionError } from './exposition-error.ts'
import { LineNumberReader } from './exposition-number.ts'
import { unescapeText } from './label-block.ts'
import {
  type ExpectedSample,
  type ExposedSample,
  endOfOpenLine,
  findSeriesEnd,
  isBlank,
  readSample,
} from './sample-line.ts'

/** The exposition formats. */
export type ExpositionFormat = 'openmetrics' | 'text'

/** The content of one scrape. */
export interface Exposition {
  readonly samples: ExposedSample[]
  readonly metadata: readonly MetricMetadata[]
}

export const DEFAULT_MAX_SAMPLES = 200_000

/** Options of {@link parseExposition}. */
export interface ParseOptions {
  /** Default: {@link DEFAULT_MAX_SAMPLES}. */
  readonly maxSamples?: number
  /**
   * Samples of the previous exposition, in order, each of a different series: a line that starts with the expected
   * series is only compared. Its sample is the same object with the new value.
   */
  readonly expected?: readonly ExpectedSample[]
  /** The `samples` of an exposition that is no longer in use: the new ones are written to this array. */
  readonly into?: ExposedSample[] | undefined
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

/** The format named by a Content-Type; text 0.0.4 unless it is OpenMetrics. */
export function formatOf(contentType: string | undefined): ExpositionFormat {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/openmetrics-text' ? 'openmetrics' : 'text'
}

/**
 * Parses an exposition: OpenMetrics 1.0.0 (which must end with `# EOF`, and has timestamps in seconds and exemplars) or
 * Prometheus' text format 0.0.4 (timestamps in milliseconds), both also with quoted UTF-8 names. As in Prometheus, a
 * malformed line rejects the whole exposition: throws an {@link ExpositionError}. The time is linear in the length of
 * the input.
 *
 * @param text - invalid UTF-8 is represented by lone surrogates
 * @see https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function parseExposition(
  text: string,
  format: ExpositionFormat,
  { maxSamples = DEFAULT_MAX_SAMPLES, expected = NOTHING_EXPECTED, into: samples = [] }: ParseOptions = {},
): Exposition {
  let count = 0
  const families: Families = new Map()
  const openMetrics = format === 'openmetrics'
  const numbers = new LineNumberReader()
  let next = 0
  let ended = false
  let line = 0
  for (let start = 0; start < text.length; ) {
    line += 1
    let from = start
    // A series that is gone, or was replaced by another, does not affect those after it.
    const place = startsWithSeries(text, from, expected[next])
      ? next
      : startsWithSeries(text, from, expected[next + 1])
        ? next + 1
        : -1
    const sample = place < 0 ? undefined : expected[place]
    if (sample !== undefined && !ended && count < maxSamples) {
      next = place + 1
      const value = numbers.read(text, from + sample.series.length + 1)
      if (value !== undefined) {
        sample.value = value
        samples[count++] = sample
        start = numbers.lineEnd + 1
        continue
      }
    }
    let end = text.indexOf('\n', from)
    if (end < 0) {
      if (openMetrics && text.slice(from) !== '# EOF') throw new ExpositionError('the last line is truncated', line)
      end = text.length
    }
    start = end + 1
    if (ended) throw new ExpositionError('there is content after # EOF', line)
    if (!openMetrics) {
      while (from < end && isBlank(text.charCodeAt(from))) from += 1
      if (from === end) continue
    }
    if (text.charCodeAt(from) === HASH) {
      if (openMetrics && end - from === 5 && text.startsWith('# EOF', from)) ended = true
      else readComment(text.slice(from, end), openMetrics, families, line)
      continue
    }
    if (count >= maxSamples) throw new ExpositionError(`there are more than ${maxSamples} samples`, line)
    let seriesEnd = findSeriesEnd(text, from, end)
    if (seriesEnd < 0 && !openMetrics) {
      end = endOfOpenLine(text, from)
      start = end + 1
      seriesEnd = findSeriesEnd(text, from, end)
    }
    if (seriesEnd < 0) {
      const name = text.slice(from, text.indexOf('{', from))
      throw new ExpositionError(`the labels of ${clip(name)} are not closed`, line)
    }
    samples[count++] = readSample(text, { start: from, seriesEnd, end }, openMetrics, line)
  }
  if (openMetrics && !ended) throw new ExpositionError('the exposition does not end with # EOF')
  samples.length = count
  const metadata: MetricMetadata[] = []
  for (const [family, { type = 'unknown', help = '', unit = '' }] of families)
    metadata.push({ family, type, help, unit })
  return { samples, metadata }
}

const HASH = 35
const SPACE = 32
const NOTHING_EXPECTED: readonly ExpectedSample[] = []

/** Whether a sample's series, followed by a space, is at this position. */
function startsWithSeries(text: string, from: number, sample: ExpectedSample | undefined): boolean {
  if (sample === undefined) return false
  const { series } = sample
  return text.charCodeAt(from + series.length) === SPACE && text.startsWith(series, from)
}

type Families = Map<string, { type?: MetricType; help?: string; unit?: string }>

const METADATA_LINE =
  /^#[ \t]+(TYPE|HELP|UNIT)[ \t]+(?:([a-zA-Z_:][a-zA-Z0-9_:]*)|"([^"\\]*(?:\\.[^"\\]*)*)")(?:[ \t](.*))?$/s

function readComment(comment: string, openMetrics: boolean, families: Families, line: number): void {
  const found = METADATA_LINE.exec(openMetrics ? comment : comment.trimEnd())
  if (found === null) {
    if (openMetrics)
      throw new ExpositionError(`${JSON.stringify(clip(comment))} is not a TYPE, HELP, UNIT or EOF line`, line)
    return
  }
  const [, keyword, plain, quoted, rest = ''] = found
  const name = plain ?? unescapeText(quoted ?? '')
  let family = families.get(name)
  if (family === undefined) {
    family = {}
    families.set(name, family)
  }
  if (keyword === 'HELP') family.help = unescapeText(rest)
  else if (keyword === 'UNIT') {
    if (openMetrics) family.unit = rest
  } else {
    const type = TYPES[openMetrics ? 'openmetrics' : 'text'].get(rest.trim())
    if (type === undefined)
      throw new ExpositionError(`${name} has the unknown type ${JSON.stringify(clip(rest))}`, line)
    family.type = type
  }
}
