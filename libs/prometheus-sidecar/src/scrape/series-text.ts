import type { Drop } from '../convert/drop-reason.ts'
import { clip, ExpositionError } from './exposition-error.ts'
import { readLabelBlock } from './label-block.ts'

/** Name and labels of a series. */
export interface SeriesText {
  readonly name: string
  readonly labels: Map<string, string>
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/

/**
 * Parses a series such as `up{a="b"}` or `{"http.requests",a="b"}`. Returns a {@link Drop} if it is well-formed but
 * unusable. Throws an {@link ExpositionError} if it is malformed.
 */
export function parseSeries(series: string): SeriesText | Drop {
  const open = series.indexOf('{')
  const plain = (open < 0 ? series : series.slice(0, open)).trim()
  if (plain !== '' && !NAME.test(plain)) {
    throw new ExpositionError(`${JSON.stringify(clip(plain))} is not a metric name`)
  }
  const block = open < 0 ? undefined : readLabelBlock(series.slice(open + 1, -1))
  if (plain !== '' && block?.name !== undefined) throw new ExpositionError(`${clip(series)} has two names`)
  const name = plain === '' ? block?.name : plain
  if (name === undefined) throw new ExpositionError(`${clip(series)} has no name`)
  if (!series.isWellFormed()) return { drop: 'labels_invalid', detail: 'the series contains bytes that are not UTF-8' }
  if (name === '') return { drop: 'labels_invalid', detail: 'the name of the metric is empty' }
  if (block?.repeated !== undefined) {
    return { drop: 'labels_invalid', detail: `the label ${clip(block.repeated)} appears twice` }
  }
  return { name, labels: block?.labels ?? new Map() }
}
