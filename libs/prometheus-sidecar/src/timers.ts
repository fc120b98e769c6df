import type { Logger } from '@node-to-cloud/telemetry'
import type { StateJournal } from './conversion-state.ts'
import type { HoleFiller } from './holes/hole-filler.ts'
import type { SampleIngester } from './ingest/sample-ingester.ts'
import { type Source, saveTargets } from './source.ts'
import type { CommitWatch } from './state/commit-watch.ts'

/** What has to be done from time to time is done to these. */
export interface TimedParts {
  readonly ingester: SampleIngester
  readonly source: Source
  readonly journal: StateJournal
  readonly commits: CommitWatch
  readonly filler: HoleFiller | undefined
  readonly logger: Logger
}

/** Starts all that goes by the clock; none of it keeps the process alive. */
export function startTimers({ ingester, source, journal, commits, filler, logger }: TimedParts): NodeJS.Timeout[] {
  const timers = [
    setInterval(() => {
      ingester.tick()
      void commits.commit()
    }, 1_000),
    setInterval(() => ingester.sweep(), 300_000),
  ]
  if (filler !== undefined) {
    const look = () =>
      filler.tick().catch((error: unknown) => logger.error({ err: error }, 'Holes could not be looked for.'))
    timers.push(setInterval(look, 5_000))
  }
  if (source.kind === 'prometheus') {
    let round = 0
    const refresh = () => {
      round += 1
      void source.directory.refreshAll({ metadata: round % 5 === 1 })
    }
    refresh()
    timers.push(setInterval(refresh, 60_000))
    timers.push(setInterval(() => saveTargets(source, journal), 5_000))
  }
  for (const timer of timers) timer.unref()
  return timers
}
