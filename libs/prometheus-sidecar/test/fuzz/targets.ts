import { parseScrapeConfig } from '../../src/config/scrape-config.ts'
import { scrapeTargets } from '../../src/scrape/scrape-target.ts'
import { expositionTarget } from './exposition-target.ts'
import type { FuzzTarget } from './fuzz-run.ts'
import { fuzzedIngester } from './fuzzed-ingester.ts'
import { remoteWrite2Target, remoteWriteTarget } from './remote-write-target.ts'

const CONFIG = 'scrape_configs: [{job_name: app, static_configs: [{targets: ["i:1"]}]}]'

/** Everything that parses input from outside. */
export function fuzzTargets(): FuzzTarget[] {
  const [target] = scrapeTargets(parseScrapeConfig(CONFIG, 'fuzz'))
  if (target === undefined) throw new TypeError('the configuration has a target')
  return [
    remoteWriteTarget(fuzzedIngester().ingest),
    remoteWrite2Target(fuzzedIngester()),
    expositionTarget(target, fuzzedIngester().ingest),
  ]
}
