import type { MetricFamily, Sample } from './family.ts'

/**
 * Gives histograms of one name the bounds of all of them: processes may have different buckets, for example during a
 * rolling restart that introduces new ones. A bound that a histogram lacks gets the count of its next lower one, so
 * that buckets remain cumulative and no total is ever lost.
 */
export function withCommonBounds(families: readonly MetricFamily[]): readonly MetricFamily[] {
  const all = families.map(boundsOf)
  const first = all.find(({ length }) => length > 0)
  if (first === undefined || all.every((bounds) => bounds.length === 0 || isSame(bounds, first))) return families
  const common = [...new Set(all.flat())].sort((one, other) => one - other)
  return families.map((family, index) => (isSame(all[index] ?? [], common) ? family : withBounds(family, common)))
}

/** Whether two states of one family have the same buckets; those of other types have none. */
export function haveSameBounds(one: MetricFamily, other: MetricFamily): boolean {
  const bounds = boundsOf(one)
  const others = boundsOf(other)
  return bounds.length === 0 || others.length === 0 || isSame(bounds, others)
}

/** The bounds of its first label set, which all label sets share. */
function boundsOf(family: MetricFamily): readonly number[] {
  const bounds: number[] = []
  if (family.type !== 'histogram') return bounds
  for (const { labels } of family.samples) {
    if (labels.le === undefined) continue
    bounds.push(toBound(labels.le))
    if (bounds.at(-1) === Number.POSITIVE_INFINITY) break
  }
  return bounds
}

function toBound(le: string | number): number {
  return le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((bound, index) => bound === other[index])
}

function withBounds(family: MetricFamily, bounds: readonly number[]): MetricFamily {
  const samples: Sample[] = []
  let next = 0
  let below = 0
  for (const sample of family.samples) {
    const { le } = sample.labels
    if (le === undefined) {
      samples.push(sample)
      continue
    }
    const bound = toBound(le)
    for (let missing = bounds[next]; missing !== undefined && missing < bound; missing = bounds[++next])
      samples.push({ name: sample.name, labels: { ...sample.labels, le: missing }, value: below })
    samples.push(sample)
    below = sample.value
    next++
    if (bound !== Number.POSITIVE_INFINITY) continue
    next = 0
    below = 0
  }
  return { ...family, samples }
}
