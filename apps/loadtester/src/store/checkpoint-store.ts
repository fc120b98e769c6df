import { appendFile, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TimelinePoint } from '../contract/run-report.ts'
import type { StoredContribution } from '../results/run-results.ts'
import { decodeTally, encodeTally, type TallyData } from '../results/tally-codec.ts'
import { MAX_POINTS } from '../results/timeline.ts'
import type { Checkpoint } from '../run/checkpoint.ts'
import { DiskWarning } from './disk-warning.ts'
import { writeAtomically } from './write-atomically.ts'

/** A run whose checkpoint is stored. */
export interface CheckpointSource {
  checkpoint(atMs: number): Checkpoint
}

/** A contribution as JSON. */
type ContributionData = Omit<StoredContribution, 'tally' | 'ended'> & {
  readonly tally: TallyData
  readonly ended: { readonly tally: TallyData; readonly unaccounted: number; readonly unfinished: number }
}

/**
 * Stores the live run. The timeline has a file of its own to which only new points are appended. Writes happen one after
 * another; a failing disk costs the next master some history, but never a run.
 */
export class CheckpointStore {
  readonly #file: string
  readonly #timelineFile: string
  readonly #warning: DiskWarning
  #writing: Promise<void> = Promise.resolve()
  /** What this process has written to the timeline's file. */
  #written: { readonly runId: string; lastMs: number; points: number } | undefined

  /** @param options.instance distinguishes masters that share the folder. */
  constructor(stateDirectory: string, options: { readonly instance: string; readonly log: (message: string) => void }) {
    this.#file = join(stateDirectory, `current-run-${options.instance}.json`)
    this.#timelineFile = join(stateDirectory, `current-run-${options.instance}.timeline.jsonl`)
    this.#warning = new DiskWarning('The live run', options.log)
  }

  keep(run: CheckpointSource, nowMs: number): Promise<void> {
    return this.#enqueue(async () => {
      const { points, contributions, ...checkpoint } = run.checkpoint(nowMs)
      const data = { ...checkpoint, contributions: contributions.map(encodeContribution) }
      await writeAtomically(this.#file, JSON.stringify(data))
      await this.#keepTimeline(checkpoint.runId, points)
    })
  }

  /** What an earlier master stored; undefined if there is nothing that can be read. */
  async read(): Promise<Checkpoint | undefined> {
    try {
      const { contributions, ...rest } = JSON.parse(await readFile(this.#file, 'utf8')) as Omit<
        Checkpoint,
        'points' | 'contributions'
      > & { readonly contributions: readonly ContributionData[] }
      const points = await this.#readTimeline(rest.runId)
      return { ...rest, points, contributions: contributions.map(decodeContribution) }
    } catch {
      return undefined
    }
  }

  /** Deletes the run, because it has ended. */
  drop(): Promise<void> {
    return this.#enqueue(async () => {
      this.#written = undefined
      await Promise.all([rm(this.#file, { force: true }), rm(this.#timelineFile, { force: true })])
    })
  }

  async #keepTimeline(runId: string, points: readonly TimelinePoint[]): Promise<void> {
    const lines = (some: readonly TimelinePoint[]): string => some.map((point) => `${JSON.stringify(point)}\n`).join('')
    const known = this.#written?.runId === runId ? this.#written : undefined
    if (known === undefined || known.points > 2 * MAX_POINTS) {
      await writeAtomically(this.#timelineFile, `${JSON.stringify({ runId })}\n${lines(points)}`)
      this.#written = { runId, lastMs: points.at(-1)?.atMs ?? 0, points: points.length }
      return
    }
    const added = points.slice(points.findLastIndex(({ atMs }) => atMs <= known.lastMs) + 1)
    if (added.length === 0) return
    await appendFile(this.#timelineFile, lines(added), { mode: 0o600 })
    known.lastMs = added.at(-1)?.atMs ?? known.lastMs
    known.points += added.length
  }

  async #readTimeline(runId: string): Promise<TimelinePoint[]> {
    const [head = '', ...lines] = (await readFile(this.#timelineFile, 'utf8').catch(() => '')).split('\n')
    if (head !== JSON.stringify({ runId })) return []
    const points: TimelinePoint[] = []
    for (const line of lines.slice(-MAX_POINTS - 1)) {
      try {
        points.push(JSON.parse(line) as TimelinePoint)
      } catch {
        // The last line is incomplete if the master was killed while writing it.
      }
    }
    return points
  }

  #enqueue(write: () => Promise<void>): Promise<void> {
    this.#writing = this.#writing.then(write).then(
      () => this.#warning.succeeded(),
      (error: unknown) => {
        this.#written = undefined
        this.#warning.failed(error)
      },
    )
    return this.#writing
  }
}

function encodeContribution({ tally, ended, ...rest }: StoredContribution): ContributionData {
  return { ...rest, tally: encodeTally(tally), ended: { ...ended, tally: encodeTally(ended.tally) } }
}

function decodeContribution({ tally, ended, ...rest }: ContributionData): StoredContribution {
  return { ...rest, tally: decodeTally(tally), ended: { ...ended, tally: decodeTally(ended.tally) } }
}
