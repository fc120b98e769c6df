import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunListing, RunReport } from '../contract/run-report.ts'
import { DiskWarning } from './disk-warning.ts'
import { writeAtomically } from './write-atomically.ts'

const MAX_RUNS = 50
const DEFAULT_MAX_BYTES = 256 * 1024 * 1024
const ID = /^[0-9a-f-]{36}$/

const STRING_FIELDS = ['id', 'state', 'script', 'target', 'model', 'verdict'] as const
const NUMBER_FIELDS = ['startedMs', 'durationSeconds', 'requests', 'failures', 'achievedRate'] as const
const LIST_FIELDS = [
  'series',
  'failureRows',
  'userFailures',
  'exceptions',
  'errors',
  'bounds',
  'workers',
  'events',
  'timeline',
] as const
const OBJECT_FIELDS = ['latencyMs', 'lagMs', 'users', 'total'] as const
const QUANTILE_FIELDS = ['p50', 'p95', 'p99'] as const

export interface RunStoreOptions {
  readonly log: (message: string) => void
  /** Limit of the disk space for reports; the newest one is always kept. Default: 256 MiB. */
  readonly maximumBytes?: number
}

/**
 * Stores the reports of finished runs, each with a line of the history next to it, so that the list can be read without
 * the reports. A failing disk costs history, but never a run.
 */
export class RunStore {
  readonly #directory: string
  readonly #warning: DiskWarning
  readonly #maximumBytes: number

  constructor(stateDirectory: string, options: RunStoreOptions) {
    this.#directory = join(stateDirectory, 'runs')
    this.#warning = new DiskWarning('The history', options.log)
    this.#maximumBytes = options.maximumBytes ?? DEFAULT_MAX_BYTES
  }

  /** Stores a report, and deletes the oldest ones beyond the limits. */
  async keep(report: RunReport): Promise<void> {
    try {
      await writeAtomically(this.#listingFile(report.id), JSON.stringify(listingOf(report)))
      await writeAtomically(this.#file(report.id), JSON.stringify(report))
      await this.#deleteOldest()
      this.#warning.succeeded()
    } catch (error) {
      this.#warning.failed(error)
    }
  }

  /** Finished runs, newest first. */
  async list(): Promise<RunListing[]> {
    const listings: RunListing[] = []
    for (const name of await readdir(this.#directory).catch(() => [])) {
      const id = name.replace(/\.json$/, '')
      if (!ID.test(id)) continue
      const listing = (await readJson(this.#listingFile(id), isListing)) ?? (await this.#listingOfReport(id))
      if (listing !== undefined) listings.push(listing)
    }
    return listings.sort((a, b) => b.startedMs - a.startedMs)
  }

  /** The report of a finished run; undefined if there is none that can be read. */
  async get(id: string): Promise<RunReport | undefined> {
    return ID.test(id) ? readJson(this.#file(id), isReport) : undefined
  }

  /** @returns false if there is no such run. */
  async remove(id: string): Promise<boolean> {
    if (!ID.test(id) || (await sizeOf(this.#file(id))) === undefined) return false
    await this.#delete(id)
    return true
  }

  async #listingOfReport(id: string): Promise<RunListing | undefined> {
    const report = await this.get(id)
    return report === undefined ? undefined : listingOf(report)
  }

  async #deleteOldest(): Promise<void> {
    let bytes = 0
    for (const [index, { id }] of (await this.list()).entries()) {
      bytes += (await sizeOf(this.#file(id))) ?? 0
      if (index >= MAX_RUNS || (index > 0 && bytes > this.#maximumBytes)) await this.#delete(id)
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

/** Files are checked, because they may have been edited, or truncated on a full disk. */
async function readJson<T>(file: string, is: (value: unknown) => value is T): Promise<T | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    return is(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isListing(value: unknown): value is RunListing {
  return hasCommonFields(value) && hasFields(value, QUANTILE_FIELDS, isNumber)
}

function isReport(value: unknown): value is RunReport {
  return (
    hasCommonFields(value) && hasFields(value, LIST_FIELDS, Array.isArray) && hasFields(value, OBJECT_FIELDS, isObject)
  )
}

function hasCommonFields(value: unknown): value is object {
  return (
    isObject(value) &&
    hasFields(value, STRING_FIELDS, (field) => typeof field === 'string') &&
    hasFields(value, NUMBER_FIELDS, isNumber)
  )
}

function hasFields(value: object, names: readonly string[], is: (field: unknown) => boolean): boolean {
  return names.every((name) => is(Reflect.get(value, name)))
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number'
}

function listingOf(report: RunReport): RunListing {
  const { id, state, script, target, model, startedMs, endedMs, durationSeconds } = report
  const { requests, failures, achievedRate, ok, verdict, generatorBound } = report
  const { p50, p95, p99 } = report.latencyMs
  return {
    ...{ id, state, script, target, model, startedMs, endedMs, durationSeconds },
    ...{ requests, failures, achievedRate, ok, verdict, generatorBound, p50, p95, p99 },
  }
}
