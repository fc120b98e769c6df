import type { MetricMetadata } from '../model/metadata.ts'
import { type Exemplar, type SampleBatch, STALE_NAN_BITS } from '../model/sample.ts'
import type { ProtobufReader } from '../protobuf/protobuf-reader.ts'

/** The content of a remote_write request. */
export interface WriteRequest {
  readonly batch: SampleBatch
  /** Metadata that names no target; in 2.0 the types of metrics are in the batch instead. */
  readonly metadata: readonly MetricMetadata[]
  /** The unusable content, which is not in the batch. */
  readonly unusable: Unusable
  /** Number of exemplars in the batch, and of unusable ones, which are not in it. */
  readonly exemplars: number
  readonly droppedExemplars: number
}

/** Unusable series, or native histograms of series. */
export interface Unusable {
  readonly series: number
  /** Their samples and native histograms. */
  readonly samples: number
  /** Why the first of them can't be used. */
  readonly detail: string
}

export const NOTHING_UNUSABLE: Unusable = { series: 0, samples: 0, detail: '' }

/** Counts one more series. */
export function addUnusable(before: Unusable, samples: number, detail: string): Unusable {
  return { series: before.series + 1, samples: before.samples + samples, detail: before.detail || detail }
}

export const NO_EXEMPLARS: readonly Exemplar[] = []

/** Prometheus itself accepts 128 characters. */
export const MAX_EXEMPLAR_LABEL_BYTES = 8 * 1024

/** A native histogram takes as much memory as this many samples. */
export const ITEMS_PER_HISTOGRAM = 10

/** The body is well-formed, but contains too much. */
export class TooManyItemsError extends Error {
  readonly code = 'ERR_TOO_MANY_ITEMS'

  constructor(maxItems: number) {
    super(
      `the request contains more than ${maxItems} series, samples, exemplars and metadata together; reduce max_samples_per_send`,
    )
    this.name = 'TooManyItemsError'
  }
}

/** Limits of one request. */
export interface RequestLimits {
  /** Series, samples, exemplars and metadata together: each may take a few bytes in the body, but far more memory. */
  readonly maxItems: number
  /** The labels of all series together: a string of 2.0 is in the body once, no matter how many series use it. */
  readonly maxLabelBytes: number
}

export const NO_LIMITS: RequestLimits = {
  maxItems: Number.POSITIVE_INFINITY,
  maxLabelBytes: Number.POSITIVE_INFINITY,
}

const STALE_NAN_HIGH = Number(STALE_NAN_BITS >> 32n)
const STALE_NAN_LOW = Number(STALE_NAN_BITS & 0xffffffffn)

/** Whether the float64 that was just read is a stale marker. */
export function isStaleMarker(cursor: ProtobufReader, value: number): boolean {
  if (!Number.isNaN(value)) return false
  const bits = cursor.position - 8
  return cursor.uint32At(bits + 4) === STALE_NAN_HIGH && cursor.uint32At(bits) === STALE_NAN_LOW
}
