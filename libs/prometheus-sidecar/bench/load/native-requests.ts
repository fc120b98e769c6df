import { encodeWriteRequest, sortedLabels } from '../../test/testing/write-request-encoder.ts'

const BUCKETS = 20

/** Requests of native histograms with 20 buckets, all of which grow from round to round. */
export class NativeRequests {
  readonly samples: number
  readonly #labels: readonly { name: string; value: string }[][]

  constructor(all: readonly ReadonlyMap<string, string>[]) {
    this.samples = all.length
    this.#labels = all.map((labels) => sortedLabels(Object.fromEntries(labels)))
  }

  fill(timestamp: number, round: number): Buffer {
    const histogram = {
      timestamp,
      countInt: BUCKETS * round,
      sum: round,
      schema: 3,
      positiveSpans: [{ offset: -10, length: BUCKETS }],
      // The first is a count, the others are differences from the previous one.
      positiveDeltas: Array.from({ length: BUCKETS }, (_, index) => (index === 0 ? round : 0)),
    }
    return encodeWriteRequest({ timeseries: this.#labels.map((labels) => ({ labels, histograms: [histogram] })) })
  }
}
