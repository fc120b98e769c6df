import type { Logger } from '@node-to-cloud/telemetry'
import type { Flags } from './config/flags.ts'
import type { SavedState, StateJournal } from './conversion-state.ts'
import type { ScrapeTarget } from './scrape/scrape-target.ts'
import type { ScrapedTargets } from './scrape/scraped-targets.ts'
import { PrometheusApi } from './targets/prometheus-api.ts'
import { PrometheusTargets } from './targets/prometheus-targets.ts'

/** Where samples come from, and who knows their targets. */
export type Source =
  | { readonly kind: 'scrape'; readonly directory: ScrapedTargets; readonly targets: readonly ScrapeTarget[] }
  | { readonly kind: 'prometheus'; readonly directory: PrometheusTargets; readonly api: PrometheusApi }

const TARGETS_DOCUMENT = 'targets'

/** A Prometheus that sends; its targets begin as the last run knew them. */
export function prometheusSource(flags: Flags, logger: Logger, saved: SavedState | undefined): Source {
  const api = new PrometheusApi(flags.prometheus)
  const directory = new PrometheusTargets({
    ask: (path, query) => api.get(path, query),
    log: logger,
    saved: saved?.documents.get(TARGETS_DOCUMENT),
  })
  return { kind: 'prometheus', directory, api }
}

/** Keeps what is known of targets for the next run, if it changed. */
export function saveTargets(source: Source, journal: StateJournal): void {
  const document = source.kind === 'prometheus' ? source.directory.save() : undefined
  if (document !== undefined) journal.document(TARGETS_DOCUMENT, document)
}
