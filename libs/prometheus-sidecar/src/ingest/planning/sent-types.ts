import { decodeLabels, type Labels, METRIC_NAME } from '../../model/labels/labels.ts'
import type { MetricType } from '../../model/metadata.ts'

const CREATED = '_created'
const SUFFIXES: Partial<Readonly<Record<MetricType, RegExp>>> = {
  counter: /_total$/,
  histogram: /_(?:bucket|count|sum)$/,
  summary: /_(?:count|sum)$/,
}

/**
 * The types of families whose series came with a type. Prometheus sends none with `_created` series, and the target of
 * one may be gone before its metadata was requested; then the type that others have sent is used.
 */
export class SentTypes {
  readonly #maxFamilies: number
  readonly #types = new Map<string, MetricType | 'several'>()

  constructor(maxFamilies: number) {
    this.#maxFamilies = maxFamilies
  }

  /** Records the type that came with a series; labels that can't be decoded are ignored. */
  learn(labels: Uint8Array, type: MetricType): void {
    const suffix = SUFFIXES[type]
    const name = suffix === undefined ? undefined : nameOf(labels)
    if (suffix === undefined || name === undefined) return
    const family = name.replace(suffix, '')
    const before = this.#types.get(family)
    if (before === undefined && this.#types.size >= this.#maxFamilies) return
    this.#types.set(family, before === undefined || before === type ? type : 'several')
  }

  /** The type of the family of a `_created` series; undefined for other series, and if the family has had several. */
  ofStart(family: string, labels: Labels): MetricType | undefined {
    if (labels.get(METRIC_NAME) !== family + CREATED) return undefined
    const type = this.#types.get(family)
    return type === 'several' ? undefined : type
  }
}

/**
 * The type of a family, given that of one of its series: for a histogram or summary, the family's name is that of the
 * series without its suffix.
 */
export function sentTypeOf(type: MetricType | undefined, family: string, labels: Labels): MetricType | undefined {
  const isWholeName = family === labels.get(METRIC_NAME)
  const hasSuffix = type === 'histogram' || type === 'gaugehistogram' || (type === 'summary' && !labels.has('quantile'))
  return isWholeName === hasSuffix ? undefined : type
}

function nameOf(labels: Uint8Array): string | undefined {
  try {
    return decodeLabels(labels).get(METRIC_NAME)
  } catch {
    return undefined
  }
}
