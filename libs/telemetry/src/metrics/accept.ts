import type { ExpositionFormat } from './exposition.ts'

/** One media range of an Accept header. */
interface MediaRange {
  readonly type: string
  readonly version: string | undefined
  readonly quality: number
}

const MAX_HEADER_LENGTH = 4096

/**
 * Chooses the exposition format by the Accept header of a request (RFC 9110, with q-values): OpenMetrics if its version 1.0.0, or no
 * version in particular, is preferred at least as much as text. Otherwise text, even if the header allows neither, since every scraper reads it.
 */
export function negotiateFormat(accept: string | undefined): ExpositionFormat {
  if (accept === undefined || accept.length > MAX_HEADER_LENGTH) return 'text'
  const ranges = accept.split(',').map(parseMediaRange)
  const openMetrics = quality(
    ranges,
    (range) => range.type === 'application/openmetrics-text' && servesVersion(range.version),
  )
  if (openMetrics === undefined || openMetrics === 0) return 'text'
  const text = quality(ranges, (range) => range.type === 'text/plain') ?? 0
  return openMetrics >= text ? 'openmetrics' : 'text'
}

function servesVersion(version: string | undefined): boolean {
  return version === undefined || version === '1.0.0'
}

function quality(ranges: readonly MediaRange[], matches: (range: MediaRange) => boolean): number | undefined {
  return ranges
    .filter(matches)
    .reduce<number | undefined>((best, range) => Math.max(best ?? 0, range.quality), undefined)
}

function parseMediaRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const values = new Map(
    parameters.map((parameter) => {
      const at = parameter.indexOf('=')
      return [
        parameter.slice(0, at).trim(),
        parameter
          .slice(at + 1)
          .trim()
          .replaceAll('"', ''),
      ]
    }),
  )
  const q = Number(values.get('q') ?? '1')
  return { type, version: values.get('version'), quality: q >= 0 && q <= 1 ? q : 0 }
}
