import type { ExpositionFormat } from './exposition.ts'

/** One media range of an Accept header. */
interface MediaRange {
  readonly type: string
  readonly version: string | undefined
  readonly quality: number
}

const MAX_HEADER_LENGTH = 4096
const OPEN_METRICS = { type: 'application/openmetrics-text', version: '1.0.0' } as const
const TEXT = { type: 'text/plain', version: '0.0.4' } as const

/**
 * Chooses the exposition format by the Accept header of a request (RFC 9110, with q-values): OpenMetrics if its version
 * 1.0.0, or no particular version, is preferred at least as much as text. Otherwise text, even if the header allows
 * neither, since every scraper reads it.
 */
export function negotiateFormat(accept: string | undefined): ExpositionFormat {
  if (accept === undefined || accept.length > MAX_HEADER_LENGTH) return 'text'
  const ranges = accept.split(',').map(parseMediaRange)
  const openMetrics = quality(ranges, OPEN_METRICS)
  const text = quality(ranges, TEXT)
  if (openMetrics === 0) return 'text'
  // A client that accepts everything has not asked for OpenMetrics.
  if (text > 0 && !ranges.some(({ type }) => type === OPEN_METRICS.type)) return 'text'
  return openMetrics >= text ? 'openmetrics' : 'text'
}

/** The quality of the most specific range that includes a format: RFC 9110, section 12.5.1. */
function quality(ranges: readonly MediaRange[], format: { readonly type: string; readonly version: string }): number {
  const [group = ''] = format.type.split('/')
  const specificity = ({ type, version }: MediaRange): number => {
    if (type === '*/*') return 1
    if (type === `${group}/*`) return 2
    if (type !== format.type) return 0
    return version === undefined ? 3 : version === format.version ? 4 : 0
  }
  let best = 0
  let bestQuality = 0
  for (const range of ranges) {
    const rank = specificity(range)
    if (rank === 0 || rank < best) continue
    bestQuality = rank === best ? Math.max(bestQuality, range.quality) : range.quality
    best = rank
  }
  return bestQuality
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
