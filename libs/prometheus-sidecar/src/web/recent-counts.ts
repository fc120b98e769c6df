import { formatCount } from '@node-to-cloud/browser-kit/format/value'

/** The time span that the status page calls recent. */
export const RECENT_MS = 5 * 60_000
const STEP_MS = 10_000

interface Snapshot {
  readonly timeMs: number
  readonly counts: ReadonlyMap<string, number>
}

/** How much counters increased within the last five minutes. */
export class RecentCounts {
  readonly #read: () => ReadonlyMap<string, number>
  readonly #snapshots: Snapshot[] = []

  /** @param read - the counters, which start at 0 */
  constructor(read: () => ReadonlyMap<string, number>) {
    this.#read = read
  }

  /** Call it every few seconds. */
  tick(nowMs: number): void {
    const newest = this.#snapshots.at(-1)
    if (newest !== undefined && nowMs - newest.timeMs < STEP_MS) return
    this.#snapshots.push({ timeMs: nowMs, counts: new Map(this.#read()) })
    while ((this.#snapshots[1]?.timeMs ?? Number.POSITIVE_INFINITY) <= nowMs - RECENT_MS) this.#snapshots.shift()
  }

  /** Such as `12 in the last 5 minutes, 10,985 since the start`. */
  describe(name: string): string {
    const total = this.#read().get(name) ?? 0
    const [oldest] = this.#snapshots
    const before = oldest?.counts.get(name) ?? 0
    return `${formatCount(total - before)} in the last 5 minutes, ${formatCount(total)} since the start`
  }
}
