import { type BucketLayout, NO_BUCKETS } from '../model/bucket-layout.ts'

export const MAX_UINT16 = 0xffff
export const MAX_UINT32 = 0xffffffff

/** The number of points in a chunk. */
export const CHUNK_POINTS = 128

/** The bytes of a time: 2 for milliseconds since the previous point, 4 for microseconds. */
export type TimeBytes = 2 | 4

/** The bytes of a bucket count: 2 for its increase since the chunk's first point, 4 or 8 for the count itself. */
export type CountBytes = 2 | 4 | 8

/** The layout of a chunk in its page: values or moments, the first point's counts, all points' counts, the times. */
export interface ChunkForm {
  readonly layout: BucketLayout
  readonly timeBytes: TimeBytes
  readonly countBytes: CountBytes
  /**
   * How many 8-byte numbers each point has: the value; or mean and deviation; or mean, deviation and count if there are
   * no buckets.
   */
  readonly doubles: number
  readonly firstCountsAt: number
  readonly countsAt: number
  readonly timesAt: number
  readonly pageBytes: number
}

const SCALAR_FORMS = {
  2: chunkForm(NO_BUCKETS, { timeBytes: 2, countBytes: 4, doubles: 1 }),
  4: chunkForm(NO_BUCKETS, { timeBytes: 4, countBytes: 4, doubles: 1 }),
}
const DISTRIBUTION_FORMS = new WeakMap<BucketLayout, Map<string, ChunkForm>>()

export function scalarForm(timeBytes: TimeBytes): ChunkForm {
  return SCALAR_FORMS[timeBytes]
}

export function distributionForm(
  layout: BucketLayout,
  sizes: { timeBytes: TimeBytes; countBytes: CountBytes },
): ChunkForm {
  let forms = DISTRIBUTION_FORMS.get(layout)
  if (!forms) {
    forms = new Map()
    DISTRIBUTION_FORMS.set(layout, forms)
  }
  const key = `${sizes.timeBytes} ${sizes.countBytes}`
  let form = forms.get(key)
  if (!form) {
    form = chunkForm(layout, { ...sizes, doubles: layout.buckets > 0 ? 2 : 3 })
    forms.set(key, form)
  }
  return form
}

function chunkForm(
  layout: BucketLayout,
  sizes: { timeBytes: TimeBytes; countBytes: CountBytes; doubles: number },
): ChunkForm {
  const { timeBytes, countBytes, doubles } = sizes
  const firstCountsAt = CHUNK_POINTS * doubles * 8
  const countsAt = firstCountsAt + (countBytes === 2 ? layout.buckets * 8 : 0)
  const timesAt = countsAt + CHUNK_POINTS * layout.buckets * countBytes
  return { layout, ...sizes, firstCountsAt, countsAt, timesAt, pageBytes: timesAt + CHUNK_POINTS * timeBytes }
}
