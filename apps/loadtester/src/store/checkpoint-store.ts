import { appendFile, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunEvent } from '../contract/api-types.ts'
import type { StoredContribution } from '../results/run-results.ts'
import { decodeTally, encodeTally } from '../results/tally-codec.ts'
import { maximumPoints, type TimelinePoint } from '../results/timeline.ts'
import type { Run } from '../run/run.ts'
import { writeAtomically } from './write-atomically.ts'

/** What a master keeps of a run while it is on, for the master after it. */
export interface Checkpoint {
  readonly runId: string
  readonly startedMs: number
  readonly savedMs: number
  /** Time with a load until it was saved. */
  readonly activeMs: number
  readonly points: readonly TimelinePoint[]
  readonly events: readonly RunEvent[]
  readonly contributions: readonly StoredContribution[]
}

/**
 * Keeps the run that is on. Its timeline grows by the second, so it has a file of its own to which only what is new is
 * added. Writes follow one another; a disk that fails costs the next master some history, no run.
 */
export class CheckpointStore {
  readonly #file: string
  readonly #timelineFile: string
  readonly #log: (message: string) => void
  #writing: Promise<void> = Promise.resolve()
  /** What the timeline's file holds, where this process wrote it. */
  #written: { readonly runId: string; lastMs: number; points: number } | undefined
  #warned = false

  /** @param instance tells masters apart that share the folder. */
  constructor(stateDirectory: string, options: { readonly instance: string; readonly log: (message: string) => void }) {
    this.#file = join(stateDirectory, `current-run-${options.instance}.json`)
    this.#timelineFile = join(stateDirectory, `current-run-${options.instance}.timeline.jsonl`)
    this.#log = options.log
  }

  /** Keeps what another master would need of a run. */
  keep(run: Run, nowMs: number): Promise<void> {
    return this.#enqueue(async () => {
      const encoded = ({ tally, ended, ...rest }: StoredContribution): object => ({
        ...rest,
        tally: encodeTally(tally),
        ended: { ...ended, tally: encodeTally(ended.tally) },
      })
      await writeAtomically(
        this.#file,
        JSON.stringify({
          runId: run.id,
          startedMs: run.startedMs,
          savedMs: nowMs,
          activeMs: run.activeMsUntil(nowMs),
          events: run.events,
          contributions: run.results.stored().map(encoded),
        }),
      )
      await this.#keepTimeline(run.id, run.results.timeline.points)
    })
  }

  /** What an earlier master kept; undefined where there is nothing that can be read. */
  async read(): Promise<Checkpoint | undefined> {
    try {
      const { contributions, ...rest } = JSON.parse(await readFile(this.#file, 'utf8')) as Omit<
        Checkpoint,
        'points' | 'contributions'
      > & { readonly contributions: readonly StoredForm[] }
      return {
        ...rest,
        points: await this.#readTimeline(rest.runId),
        contributions: contributions.map(({ tally, ended, ...one }) => ({
          ...one,
          tally: decodeTally(tally),
          ended: { unaccounted: ended.unaccounted, tally: decodeTally(ended.tally) },
        })),
      }
    } catch {
      return undefined
    }
  }

  /** Forgets the run: it has ended. */
  drop(): Promise<void> {
    return this.#enqueue(async () => {
      this.#written = undefined
      await Promise.all([rm(this.#file, { force: true }), rm(this.#timelineFile, { force: true })])
    })
  }

  async #keepTimeline(runId: string, points: readonly TimelinePoint[]): Promise<void> {
    const lines = (some: readonly TimelinePoint[]): string => some.map((point) => `${JSON.stringify(point)}\n`).join('')
    const known = this.#written?.runId === runId ? this.#written : undefined
    if (known === undefined || known.points > 2 * maximumPoints) {
      await writeAtomically(this.#timelineFile, `${JSON.stringify({ runId })}\n${lines(points)}`)
      this.#written = { runId, lastMs: points.at(-1)?.atMs ?? 0, points: points.length }
      return
    }
    const first = points.findLastIndex(({ atMs }) => atMs <= known.lastMs) + 1
    const added = points.slice(first)
    if (added.length === 0) return
    await appendFile(this.#timelineFile, lines(added), { mode: 0o600 })
    known.lastMs = added.at(-1)?.atMs ?? known.lastMs
    known.points += added.length
  }

  async #readTimeline(runId: string): Promise<TimelinePoint[]> {
    const [head = '', ...lines] = (await readFile(this.#timelineFile, 'utf8').catch(() => '')).split('\n')
    if (head !== JSON.stringify({ runId })) return []
    const points: TimelinePoint[] = []
    for (const line of lines.slice(-maximumPoints - 1)) {
      try {
        points.push(JSON.parse(line) as TimelinePoint)
      } catch {
        // The last line of a master that was killed while it wrote it.
      }
    }
    return points
  }

  #enqueue(write: () => Promise<void>): Promise<void> {
    this.#writing = this.#writing.then(write).then(
      () => {
        this.#warned = false
      },
      (error: unknown) => {
        this.#written = undefined
        if (this.#warned) return
        this.#warned = true
        this.#log(
          `The run that is on can't be kept: ${error instanceof Error ? error.message : String(error)}; set LOAD_STATE_DIR to a folder that can be written.`,
        )
      },
    )
    return this.#writing
  }
}

type StoredForm = Omit<StoredContribution, 'tally' | 'ended'> & {
  readonly tally: unknown
  readonly ended: { readonly tally: unknown; readonly unaccounted: number }
}
