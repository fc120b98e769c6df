import { BOUNDS } from './request-template.ts'

const FAMILIES = 80
const SERIES_OF_A_FAMILY = 100
const HISTOGRAM_FAMILIES = 10
const HISTOGRAMS_OF_A_FAMILY = 25

/** The number of counters, gauges and histograms in {@link expositionOf}: one point each. */
export const EXPOSED_POINTS = 2 * FAMILIES * SERIES_OF_A_FAMILY + HISTOGRAM_FAMILIES * HISTOGRAMS_OF_A_FAMILY

/** 8,000 counters, 8,000 gauges and 250 histograms of 17 parts, all of which change from round to round. */
export function expositionOf(round: number, { openMetrics }: { readonly openMetrics: boolean }): string {
  const lines: string[] = []
  const family = (name: string, type: string) => lines.push(`# HELP ${name} Help of ${name}.`, `# TYPE ${name} ${type}`)
  for (let number = 0; number < FAMILIES; number++) {
    family(`app_requests_${number}${openMetrics ? '' : '_total'}`, 'counter')
    for (let item = 0; item < SERIES_OF_A_FAMILY; item++)
      lines.push(`app_requests_${number}_total{method="GET",path="/items/${item}",status="200"} ${round * 15 + item}`)
  }
  for (let number = 0; number < FAMILIES; number++) {
    family(`app_level_${number}`, 'gauge')
    for (let item = 0; item < SERIES_OF_A_FAMILY; item++)
      lines.push(`app_level_${number}{shard="${item}",zone="zone-${item % 3}"} ${Math.sin(round + item * number)}`)
  }
  for (let number = 0; number < HISTOGRAM_FAMILIES; number++) {
    const name = `app_duration_seconds_${number}`
    family(name, 'histogram')
    for (let item = 0; item < HISTOGRAMS_OF_A_FAMILY; item++) {
      const label = `path="/items/${item}"`
      for (const [index, le] of BOUNDS.entries())
        lines.push(`${name}_bucket{${label},le="${le}"} ${round * (index + 1)}`)
      lines.push(`${name}_sum{${label}} ${round * 0.7}`, `${name}_count{${label}} ${round * BOUNDS.length}`)
    }
  }
  if (openMetrics) lines.push('# EOF')
  return `${lines.join('\n')}\n`
}
