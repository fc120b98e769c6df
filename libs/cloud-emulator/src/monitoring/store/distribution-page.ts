import type { DistributionValue } from '../model/point-value.ts'
import { type ChunkForm, MAX_UINT16, MAX_UINT32 } from './chunk-form.ts'
import type { Page } from './page-pool.ts'

/** A page with distributions, and its layout. */
export interface DistributionPage {
  readonly page: Page
  readonly form: ChunkForm
}

/** Whether a distribution has the page's buckets, and its counts fit into them. */
export function fitsDistribution(place: DistributionPage, value: DistributionValue): boolean {
  const { form, page } = place
  const { layout } = form
  if (value.layout !== layout && value.layout.key !== layout.key) return false
  if (form.countBytes === 8) return true
  if (form.countBytes === 4) return value.count <= MAX_UINT32
  const first = (page.byteOffset + form.firstCountsAt) / 8
  for (let bucket = 0; bucket < layout.buckets; bucket++) {
    const grown = (value.counts[bucket] ?? 0) - (page.slab.doubles[first + bucket] ?? 0)
    if (grown < 0 || grown > MAX_UINT16) return false
  }
  return true
}

/** Writes the counts of the first point, to which the others are relative. */
export function writeFirstCounts({ page, form }: DistributionPage, value: DistributionValue): void {
  const first = (page.byteOffset + form.firstCountsAt) / 8
  for (let bucket = 0; bucket < form.layout.buckets; bucket++)
    page.slab.doubles[first + bucket] = value.counts[bucket] ?? 0
}

/** Writes a distribution that fits. */
export function writeDistribution({ page, form }: DistributionPage, index: number, value: DistributionValue): void {
  const { slab, byteOffset } = page
  const { buckets } = form.layout
  const moments = byteOffset / 8 + index * form.doubles
  slab.doubles[moments] = value.mean
  slab.doubles[moments + 1] = value.sumOfSquaredDeviation
  if (buckets === 0) slab.doubles[moments + 2] = value.count
  const counts = form.countBytes === 8 ? slab.doubles : form.countBytes === 4 ? slab.words : slab.shorts
  const at = (byteOffset + form.countsAt) / form.countBytes + index * buckets
  const first = (byteOffset + form.firstCountsAt) / 8
  for (let bucket = 0; bucket < buckets; bucket++) {
    const before = form.countBytes === 2 ? (slab.doubles[first + bucket] ?? 0) : 0
    counts[at + bucket] = (value.counts[bucket] ?? 0) - before
  }
}

export function readDistribution({ page, form }: DistributionPage, index: number): DistributionValue {
  const { slab, byteOffset } = page
  const { buckets } = form.layout
  const moments = byteOffset / 8 + index * form.doubles
  const stored = form.countBytes === 8 ? slab.doubles : form.countBytes === 4 ? slab.words : slab.shorts
  const at = (byteOffset + form.countsAt) / form.countBytes + index * buckets
  const first = (byteOffset + form.firstCountsAt) / 8
  // A plain array, because typed arrays are slow to create, and one is needed for every point that is read.
  const counts: number[] = []
  let count = 0
  for (let bucket = 0; bucket < buckets; bucket++) {
    const before = form.countBytes === 2 ? (slab.doubles[first + bucket] ?? 0) : 0
    const inside = (stored[at + bucket] ?? 0) + before
    counts.push(inside)
    count += inside
  }
  return {
    layout: form.layout,
    count: buckets === 0 ? (slab.doubles[moments + 2] ?? 0) : count,
    mean: slab.doubles[moments] ?? 0,
    sumOfSquaredDeviation: slab.doubles[moments + 1] ?? 0,
    counts,
  }
}
