import type { SeriesState } from '../../src/model/conversion-state.ts'
import { openJournal } from '../../src/state/journal.ts'

/*
 * `open FILE`: opens a state file. `settle FILE COUNT`: settles the first series COUNT times, each with its own commit,
 * and prints which commits were refused. It ends without closing anything.
 */
const [task = '', file = '', count = '0'] = process.argv.slice(2)

try {
  const opened = await openJournal(file, {
    log: { warn: (fields, message) => console.log(message, JSON.stringify(fields)) },
    compactAfterBytes: 1e9,
    maxUnwrittenBytes: 500,
  })
  const states = new Map<number, SeriesState>(opened.saved.series.map((series) => [series.id, series]))
  const journal = await opened.start(() => states.values())
  console.log(`${states.size} series`)
  const [series] = states.values()
  if (task === 'settle' && series !== undefined) {
    for (let value = 1; value <= Number(count); value++) {
      Object.assign(series, { lastMs: series.lastMs + 1, lastValue: value, endMs: series.lastMs + 1 })
      journal.settle(series.id, series.lastMs, value, series.endMs)
      const outcome = await journal.commit().then(
        () => 'committed',
        (error: unknown) => `refused: ${error instanceof Error ? error.message : error}`,
      )
      console.log(`${value} ${outcome}`)
    }
  }
} catch (error) {
  console.log(error instanceof Error ? `${error.name}: ${error.message}` : String(error))
}
process.exit()
