import { plural } from '@node-to-cloud/browser-kit/format/plural'
import type { Logger } from '@node-to-cloud/telemetry'
import type { Flags } from './config/flags.ts'
import type { ScrapeJob } from './config/scrape-config.ts'
import type { StatusSection } from './contract/status.ts'
import type { Labels } from './model/labels/labels.ts'
import { VERSION } from './model/version.ts'
import { ScrapeLoop } from './scrape/scrape-loop.ts'
import { type ScrapeTarget, scrapeTargets } from './scrape/scrape-target.ts'
import { ScrapedTargets } from './scrape/scraped-targets.ts'
import type { SampleSink, SampleSource } from './source.ts'

const NO_LABELS: Labels = new Map()

/** The sidecar's own scraper, for running without a Prometheus. */
export class ScrapeSource implements SampleSource {
  readonly directory: ScrapedTargets
  readonly externalLabels = NO_LABELS
  readonly formerExternalLabels = []
  readonly wholeScrapes = true
  readonly queueCapacity: number
  readonly sendsAgain = false
  readonly #flags: Flags
  readonly #targets: readonly ScrapeTarget[]
  readonly #logger: Logger
  #loop: ScrapeLoop | undefined

  constructor(flags: Flags, jobs: readonly ScrapeJob[], logger: Logger) {
    this.#flags = flags
    this.#logger = logger
    this.#targets = scrapeTargets(jobs)
    this.directory = new ScrapedTargets(this.#targets)
    this.queueCapacity = flags.scrapeBufferPoints
  }

  attach({ ingester, metrics }: SampleSink): void {
    this.#loop = new ScrapeLoop({
      targets: this.#targets,
      directory: this.directory,
      ingester,
      observer: metrics,
      version: VERSION,
      log: this.#logger,
    })
  }

  start(): void {
    this.#loop?.start()
  }

  async stop(): Promise<void> {
    await this.#loop?.stop()
  }

  close(): void {}

  problems(): readonly string[] {
    return []
  }

  status(): StatusSection {
    return {
      title: 'Targets',
      rows: (this.#loop?.health ?? []).map(({ target, up, lastError, samples, durationSeconds }) => [
        `${target.job.name}: ${target.url}`,
        up === undefined
          ? 'not scraped yet'
          : up
            ? `up, ${samples} ${plural(samples, 'sample')} in ${(durationSeconds * 1000).toFixed(0)} ms`
            : `down: ${lastError}`,
      ]),
    }
  }

  describe(): string {
    const { length } = this.#targets
    return `it scrapes the ${length === 1 ? 'only target' : `${length} targets`} in ${this.#flags.scrapeConfig}`
  }
}
