import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunListing, RunReport } from '../contract/api-types.ts'
import { writeAtomically } from './write-atomically.ts'

const maximumRuns = 50
const defaultMaximumBytes = 256 * 1024 * 1024
const idPattern = /^[0-9a-f-]{36}$/

export interface RunStoreOptions {
  readonly log: (message: string) => void
  /** How much the reports may take on the disk; the newest one is kept in any case. Default 256 MiB. */
  readonly maximumBytes?: number
}

/**
 * Keeps the reports of runs that ended on disk, each beside its line of the history, so that listing them reads no
 * report. A disk that fails costs history, no run.
 */
export class RunStore {
  readonly #directory: string
  readonly #log: (message: string) => void
  readonly #maximumBytes: number
  #warned = false

  constructor(stateDirectory: string, options: RunStoreOptions) {
    this.#directory = join(stateDirectory, 'runs')
    this.#log = options.log
    this.#maximumBytes = options.maximumBytes ?? defaultMaximumBytes
  }

  /** Keeps the report of a run that ended, and forgets the oldest ones. */
  async keep(report: RunReport): Promise<void> {
    try {
      await writeAtomically(this.#listingFile(report.id), JSON.stringify(listingOf(report)))
      await writeAtomically(this.#file(report.id), JSON.stringify(report))
      await this.#forgetOldest()
      this.#warned = false
    } catch (error) {
      if (this.#warned) return
      this.#warned = true
      this.#log(
        `The history can't be kept: ${error instanceof Error ? error.message : String(error)}; set LOAD_STATE_DIR to a folder that can be written.`,
      )
    }
  }

  /** Runs that ended, newest first. */
  async list(): Promise<RunListing[]> {
    const listings: RunListing[] = []
    for (const name of await readdir(this.#directory).catch(() => [])) {
      const id = name.replace(/\.json$/, '')
      if (!idPattern.test(id)) continue
      const listing = (await readJson(this.#listingFile(id), isListing)) ?? (await this.#listingOfReport(id))
      if (listing !== undefined) listings.push(listing)
    }
    return listings.sort((a, b) => b.startedMs - a.startedMs)
  }

  /** The report of a run that ended; undefined where there is none that can be read. */
  async get(id: string): Promise<RunReport | undefined> {
    return idPattern.test(id) ? readJson(this.#file(id), isReport) : undefined
  }

  /** @returns false where there is no such run. */
  async remove(id: string): Promise<boolean> {
    if (!idPattern.test(id) || (await sizeOf(this.#file(id))) === undefined) return false
    await this.#delete(id)
    return true
  }

  async #listingOfReport(id: string): Promise<RunListing | undefined> {
    const report = await this.get(id)
    return report === undefined ? undefined : listingOf(report)
  }

  async #forgetOldest(): Promise<void> {
    let bytes = 0
    for (const [index, { id }] of (await this.list()).entries()) {
      bytes += (await sizeOf(this.#file(id))) ?? 0
      if (index >= maximumRuns || (index > 0 && bytes > this.#maximumBytes)) await this.#delete(id)
    }
  }

  async #delete(id: string): Promise<void> {
    await Promise.all([rm(this.#file(id), { force: true }), rm(this.#listingFile(id), { force: true })])
  }

  #file(id: string): string {
    return join(this.#directory, `${id}.json`)
  }

  #listingFile(id: string): string {
    return join(this.#directory, `${id}.listing.json`)
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  return (await stat(file).catch(() => undefined))?.size
}

async function readJson<T>(file: string, is: (value: unknown) => value is T): Promise<T | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    return is(value) ? value : undefined
  } catch {
    return undefined
  }
}

const texts = ['id', 'state', 'script', 'target', 'model'] as const
const numbers = ['startedMs', 'durationSeconds', 'requests', 'failures', 'achievedRate'] as const
const lists = ['series', 'failureRows', 'errors', 'bounds', 'workers', 'events', 'timeline'] as const

/** Somebody may have changed a file, or half of it may be left of a disk that was full: what is shown is checked. */
function isListing(value: unknown): value is RunListing {
  return hasCommon(value) && ['p50', 'p95', 'p99'].every((name) => typeof Reflect.get(value, name) === 'number')
}

function isReport(value: unknown): value is RunReport {
  if (!hasCommon(value) || !lists.every((name) => Array.isArray(Reflect.get(value, name)))) return false
  return ['latencyMs', 'lagMs', 'total'].every((name) => {
    const part: unknown = Reflect.get(value, name)
    return typeof part === 'object' && part !== null
  })
}

function hasCommon(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    texts.every((name) => typeof Reflect.get(value, name) === 'string') &&
    numbers.every((name) => typeof Reflect.get(value, name) === 'number')
  )
}

function listingOf(report: RunReport): RunListing {
  const { id, state, script, target, model, startedMs, endedMs, durationSeconds } = report
  const { requests, failures, achievedRate, ok, generatorBound } = report
  const { p50, p95, p99 } = report.latencyMs
  return {
    ...{ id, state, script, target, model, startedMs, endedMs, durationSeconds },
    ...{ requests, failures, achievedRate, ok, generatorBound, p50, p95, p99 },
  }
}
