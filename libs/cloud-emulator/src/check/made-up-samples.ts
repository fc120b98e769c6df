import { Labels, type Matcher, METRIC_NAME, type SeriesSamples, type TimeWindow } from '@node-to-cloud/promql'

/** As often as Managed Service for Prometheus scrapes, so that a rate over the least interval of a chart has two samples. */
const STEP_MS = 30_000
const BOUNDS = ['1', '2', '4', '+Inf']

/** A series that grows, with the labels that matchers ask for by equality; of a histogram, one for each bucket. */
export function madeUpSamples(matchers: readonly Matcher[], { startMs, endMs }: TimeWindow): SeriesSamples[] {
  const wanted = matchers.filter(({ operator }) => operator === '=')
  const labels = Labels.from(wanted.map(({ name, value }) => [name, value] as const))
  const first = Math.ceil(startMs / STEP_MS)
  const length = Math.max(0, Math.floor(endMs / STEP_MS) - first + 1)
  const timestamps = Array.from({ length }, (_, i) => (first + i) * STEP_MS)
  const growing = (factor: number) => timestamps.map((time) => (time / STEP_MS) * factor)
  if (!labels.get(METRIC_NAME).endsWith('_bucket') || labels.has('le'))
    return [{ labels, timestamps, values: growing(1) }]
  return BOUNDS.map((bound, i) => ({ labels: labels.with('le', bound), timestamps, values: growing(i + 1) }))
}
