import type { ScenarioRow } from '../contract/run-report.ts'
import { CREATED_BY_NAME } from '../results/tally.ts'

/**
 * The scenarios of a run and their shares of its virtual users.
 *
 * @param counters among them those of the users that started
 * @param running users that run now, by scenario
 */
export function scenarioRows(
  counters: ReadonlyMap<string, number>,
  running: ReadonlyMap<string, number>,
): readonly ScenarioRow[] {
  const started = [...counters].flatMap(([name, count]) =>
    name.startsWith(CREATED_BY_NAME) ? [[name.slice(CREATED_BY_NAME.length), count] as const] : [],
  )
  const sum = (counts: Iterable<number>): number => [...counts].reduce((all, count) => all + count, 0)
  const allStarted = sum(started.map(([, count]) => count))
  const allRunning = sum(running.values())
  return started.map(([name, count]) => {
    const runs = running.get(name) ?? 0
    const ratio = allRunning > 0 ? runs / allRunning : allStarted > 0 ? count / allStarted : 0
    return { name, started: count, running: runs, ratio }
  })
}
