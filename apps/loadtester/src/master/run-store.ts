import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeTally, encodeTally } from '../results/tally-codec.ts'
import type { TimelinePoint } from '../results/timeline.ts'
import type { RunEvent, RunListing, RunReport } from '../ui/browser/api-types.ts'
import type { Run } from './run.ts'
import type { StoredContribution } from './run-results.ts'

/** What a master keeps of a run while it is on, for the master after it. */
export interface Checkpoint {
  readonly runId: string
  readonly startedMs: number
  readonly points: readonly TimelinePoint[]
  readonly events: readonly RunEvent[]
  readonly contributions: readonly StoredContribution[]
}

const maximumRuns = 50
const idPattern = /^[0-9a-f-]{36}$/

/** Keeps runs on disk: the ended ones as reports, the one that is on as a checkpoint. A disk that fails costs history, no run. */
export class RunStore {
  readonly #directory: string
  readonly #checkpointFile: string
  readonly #log: (message: string) => void
  #warned = false

  /** @param instance tells masters apart that share the folder. */
  constructor(stateDirectory: string, options: { readonly instance: string; readonly log: (message: string) => void }) {
    this.#directory = join(stateDirectory, 'runs')
    this.#checkpointFile = join(stateDirectory, `current-run-${options.instance}.json`)
    this.#log = options.log
  }

  /** Keeps the report of a run that ended, and forgets the oldest ones. */
  async keep(report: RunReport): Promise<void> {
    await this.#attempt(async () => {
      await this.#write(join(this.#directory, `${report.id}.json`), report)
      const all = await this.list()
      for (const old of all.slice(maximumRuns)) await rm(join(this.#directory, `${old.id}.json`), { force: true })
    })
  }

  /** Runs that ended, newest first. */
  async list(): Promise<RunListing[]> {
    const listings: RunListing[] = []
    for (const name of await readdir(this.#directory).catch(() => [])) {
      const id = name.replace(/\.json$/, '')
      const report = idPattern.test(id) ? await this.get(id) : undefined
      if (report !== undefined) listings.push(listingOf(report))
    }
    return listings.sort((a, b) => b.startedMs - a.startedMs)
  }

  /** The report of a run that ended; undefined where there is none. */
  async get(id: string): Promise<RunReport | undefined> {
    if (!idPattern.test(id)) return undefined
    try {
      return JSON.parse(await readFile(join(this.#directory, `${id}.json`), 'utf8')) as RunReport
    } catch {
      return undefined
    }
  }

  async remove(id: string): Promise<boolean> {
    if ((await this.get(id)) === undefined) return false
    await rm(join(this.#directory, `${id}.json`), { force: true })
    return true
  }

  /** Keeps what another master would need of a run that is on. */
  async keepCheckpoint(run: Run): Promise<void> {
    const contributions = run.results
      .stored()
      .map((contribution) => ({ ...contribution, tally: encodeTally(contribution.tally) }))
    const checkpoint = {
      runId: run.id,
      startedMs: run.startedMs,
      points: run.results.timeline.points,
      events: run.events,
      contributions,
    }
    await this.#attempt(() => this.#write(this.#checkpointFile, checkpoint))
  }

  async readCheckpoint(): Promise<Checkpoint | undefined> {
    try {
      const stored = JSON.parse(await readFile(this.#checkpointFile, 'utf8')) as Checkpoint & {
        readonly contributions: readonly (Omit<StoredContribution, 'tally'> & { readonly tally: unknown })[]
      }
      return {
        ...stored,
        contributions: stored.contributions.map((one) => ({ ...one, tally: decodeTally(one.tally) })),
      }
    } catch {
      return undefined
    }
  }

  async dropCheckpoint(): Promise<void> {
    await rm(this.#checkpointFile, { force: true }).catch(() => {})
  }

  async #write(path: string, data: unknown): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    const temporary = `${path}.${process.pid}.tmp`
    await writeFile(temporary, JSON.stringify(data), { mode: 0o600 })
    await rename(temporary, path)
  }

  async #attempt(write: () => Promise<void>): Promise<void> {
    try {
      await write()
      this.#warned = false
    } catch (error) {
      if (this.#warned) return
      this.#warned = true
      this.#log(
        `The history can't be kept: ${error instanceof Error ? error.message : String(error)}; set LOAD_STATE_DIR to a folder that can be written.`,
      )
    }
  }
}

function listingOf(report: RunReport): RunListing {
  const {
    id,
    state,
    script,
    target,
    model,
    startedMs,
    endedMs,
    durationSeconds,
    requests,
    failures,
    achievedRate,
    ok,
    generatorBound,
  } = report
  const { p50, p95, p99 } = report.latencyMs
  return {
    id,
    state,
    script,
    target,
    model,
    startedMs,
    endedMs,
    durationSeconds,
    requests,
    failures,
    achievedRate,
    ok,
    generatorBound,
    p50,
    p95,
    p99,
  }
}
