/** Series that Prometheus itself adds to each scrape, without metadata. */
const BUILT_IN: ReadonlySet<string> = new Set([
  'up',
  'scrape_samples_scraped',
  'scrape_duration_seconds',
  'scrape_samples_post_metric_relabeling',
  'scrape_series_added',
  'scrape_timeout_seconds',
  'scrape_sample_limit',
  'scrape_body_size_bytes',
])

/** Whether a metric is one of those that Prometheus adds to each scrape, all of which are gauges. */
export function isBuiltIn(name: string): boolean {
  return BUILT_IN.has(name)
}
