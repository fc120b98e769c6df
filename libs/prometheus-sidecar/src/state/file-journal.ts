import type { Stats } from 'node:fs'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf } from '@node-to-cloud/command-line'
import { debug } from '../log/debug-log.ts'
import type { Log } from '../log/log.ts'
import type { StateJournal, StateSource } from '../model/conversion-state.ts'
import type { NativeHistogram } from '../model/native-histogram.ts'
import { EMPTY_JOURNAL, frame, writeAll, writeDurably } from './frame-file.ts'
import { RecordEncoder } from './record-encoder.ts'
import { hasCode, StateFileError } from './state-file-error.ts'

export interface JournalOptions {
  readonly log: Pick<Log, 'warn'>
  /** The current time in Unix milliseconds. Default: the system clock's. */
  readonly nowMs?: number
  /** Compact when the file exceeds twice its compacted length by this much. Default: 4 MiB. */
  readonly compactAfterBytes?: number
  /** How much may remain unwritten before the next commit writes the whole state instead. Default: 64 MiB. */
  readonly maxUnwrittenBytes?: number
  /** How often to check that the file still exists under its name. Default 1 s. */
  readonly checkIntervalMs?: number
}

/**
 * Stores state in a file: each commit appends a frame of records, and compaction replaces them with the whole state.
 */
export class FileJournal implements StateJournal {
  readonly #file: string
  readonly #source: StateSource
  readonly #documents: Map<string, unknown>
  readonly #options: JournalOptions
  readonly #encoder = new RecordEncoder()
  #handle: FileHandle | undefined
  #length = 0
  #compactedLength = 0
  #compactBeyondBytes = 0
  #unwritten: Buffer[] = []
  /** Frames written since a compaction started, to be appended to its snapshot. */
  #sinceSnapshot: Buffer[] | undefined
  /** Whether the next commit writes the whole state, because too much is unwritten or the file is gone. */
  #mustCompact = false
  /** Whether the file's entry in its folder is on disk. */
  #folderIsSynced = false
  #checkedAtMs = Number.NEGATIVE_INFINITY
  #lastInTurn: Promise<void> = Promise.resolve()
  #nextCommit: Promise<void> | undefined
  #compaction: Promise<void> | undefined
  #closed = false

  constructor(file: string, source: StateSource, documents: Map<string, unknown>, options: JournalOptions) {
    this.#file = file
    this.#source = source
    this.#documents = documents
    this.#options = options
  }

  define(id: number, labels: Uint8Array): void {
    this.#encoder.define(id, labels)
  }

  baseline(id: number, startMs: number, resetValue: number): void {
    this.#encoder.baseline(id, startMs, resetValue)
  }

  created(id: number, createdMs: number, createdFromMs: number): void {
    this.#encoder.created(id, createdMs, createdFromMs)
  }

  settle(id: number, lastMs: number, lastValue: number, endMs: number): void {
    this.#encoder.settle(id, lastMs, lastValue, endMs)
  }

  nativeBaseline(id: number, histogram: NativeHistogram | undefined): void {
    this.#encoder.nativeBaseline(id, histogram)
  }

  nativeLast(id: number, histogram: NativeHistogram): void {
    this.#encoder.nativeLast(id, histogram)
  }

  wait(id: number, timestampMs: number, value: number): void {
    this.#encoder.wait(id, timestampMs, value)
  }

  forget(id: number): void {
    this.#encoder.forget(id)
  }

  document(name: string, value: unknown): void {
    this.#encoder.document(name, value)
    if (value === undefined) this.#documents.delete(name)
    else this.#documents.set(name, value)
  }

  commit(): Promise<void> {
    if (this.#closed) return Promise.reject(new StateFileError(`the state file ${this.#file} is closed`))
    // Commits that arrive while a frame is being written share the next frame.
    this.#nextCommit ??= this.#runExclusively(async () => {
      this.#nextCommit = undefined
      await this.#write()
    })
    return this.#nextCommit
  }

  async close(): Promise<void> {
    if (this.#closed) return
    const committed = this.commit()
    this.#closed = true
    try {
      await committed
      await this.#compaction
      if (this.#length > this.#compactedLength) await this.compact()
    } finally {
      await this.#handle?.close()
    }
  }

  /** Writes the whole state to a new file, which then replaces the old one. Commits may continue meanwhile. */
  async compact(): Promise<void> {
    await this.#compact((replace) => this.#runExclusively(replace))
  }

  /** @param runExclusively - runs the replacement when nothing else touches the file */
  async #compact(runExclusively: (replace: () => Promise<void>) => Promise<void>): Promise<void> {
    const temporary = `${this.#file}.compacting`
    this.#sinceSnapshot = []
    let handle: FileHandle | undefined
    try {
      handle = await open(temporary, 'w', 0o600)
      await writeAll(handle, EMPTY_JOURNAL, 0)
      let length = EMPTY_JOURNAL.length
      for await (const records of this.#snapshot()) {
        const framed = frame(records)
        await writeAll(handle, framed, length)
        length += framed.length
      }
      const opened = handle
      const compactedLength = length
      await runExclusively(() => this.#replaceBy(opened, temporary, compactedLength))
    } catch (error) {
      // Unless it is already in use, it only occupies space that the file in use may need.
      if (handle !== undefined && handle !== this.#handle) {
        await handle.close().catch(() => {})
        await rm(temporary, { force: true }).catch(() => {})
      }
      throw this.#failure(error)
    } finally {
      this.#sinceSnapshot = undefined
    }
  }

  async #replaceBy(handle: FileHandle, temporary: string, compactedLength: number): Promise<void> {
    // Includes all calls so far; otherwise the snapshot could contain only some of the calls that one commit covers.
    const behind = Buffer.concat([...(this.#sinceSnapshot ?? []), ...this.#unwrittenFrames()])
    await writeDurably(handle, behind, compactedLength)
    await this.#isRemoved()
    await rename(temporary, this.#file)
    const old = this.#handle
    this.#handle = handle
    this.#unwritten = []
    this.#mustCompact = false
    debug('compacted the state file from %d to %d bytes', this.#length, compactedLength + behind.length)
    this.#length = compactedLength + behind.length
    this.#compactedLength = compactedLength
    this.#compactBeyondBytes = compactedLength * 2 + (this.#options.compactAfterBytes ?? COMPACT_AFTER_BYTES)
    this.#folderIsSynced = false
    await old?.close().catch(() => {})
    await this.#syncFolder()
  }

  async #syncFolder(): Promise<void> {
    if (this.#folderIsSynced) return
    await syncFolder(dirname(this.#file))
    this.#folderIsSynced = true
  }

  /** The state in pieces, so that other work can run in between. */
  async *#snapshot(): AsyncGenerator<Buffer> {
    const encoder = new RecordEncoder()
    for (const [name, value] of this.#documents) encoder.document(name, value)
    for (const series of this.#source()) {
      encoder.state(series)
      if (encoder.length > SNAPSHOT_FRAME_BYTES) yield encoder.take()
    }
    if (encoder.length > 0) yield encoder.take()
  }

  async #write(): Promise<void> {
    if (this.#mustCompact) {
      // The source already includes these calls.
      this.#unwritten = []
      if (this.#encoder.length > 0) this.#encoder.take()
      await this.#compact((replace) => replace())
      return
    }
    try {
      await this.#writeFrames()
    } catch (error) {
      const unwrittenBytes = this.#unwritten.reduce((sum, { length }) => sum + length, 0)
      if (unwrittenBytes > (this.#options.maxUnwrittenBytes ?? MAX_UNWRITTEN_BYTES)) this.#compactNext()
      throw this.#failure(error)
    }
    if (this.#compaction === undefined && this.#length > this.#compactBeyondBytes) this.#compactMeanwhile()
  }

  async #writeFrames(): Promise<void> {
    const handle = this.#handle
    if (handle === undefined) throw new TypeError('the file is not open')
    // One after the other, so that a power failure can truncate only the last frame of a file.
    for (let [next] = this.#unwrittenFrames(); next !== undefined; [next] = this.#unwritten) {
      try {
        await writeDurably(handle, next, this.#length)
      } catch (error) {
        await handle.truncate(this.#length).catch(() => {})
        throw error
      }
      this.#unwritten.shift()
      this.#sinceSnapshot?.push(next)
      this.#length += next.length
    }
    await this.#syncFolder()
    await this.#assertExists()
  }

  /**
   * If a compaction fails, the longer file stays in use, and the next compaction starts after as much again was
   * written.
   */
  #compactMeanwhile(): void {
    this.#compaction = this.compact()
      .catch((error: unknown) => {
        this.#compactBeyondBytes = this.#length + (this.#options.compactAfterBytes ?? COMPACT_AFTER_BYTES)
        this.#options.log.warn({ err: error }, 'The state file can’t be compacted; it grows until it can.')
      })
      .finally(() => {
        this.#compaction = undefined
      })
  }

  /** Checks periodically that the file still exists under its name; otherwise what is written would be lost. */
  async #assertExists(): Promise<void> {
    const nowMs = performance.now()
    if (nowMs - this.#checkedAtMs < (this.#options.checkIntervalMs ?? CHECK_INTERVAL_MS)) return
    if (await this.#isRemoved()) {
      this.#compactNext()
      throw new Error('it was removed')
    }
    this.#checkedAtMs = nowMs
  }

  /** Whether there is no file of that name. Throws if it belongs to another process. */
  async #isRemoved(): Promise<boolean> {
    if (this.#handle === undefined) return false
    const [own, there] = await Promise.all([this.#handle.stat(), statIfExists(this.#file)])
    if (there === undefined) return true
    if (own.ino === there.ino && own.dev === there.dev) return false
    throw new StateFileError('another process replaced it; each sidecar needs its own --state-file', {
      isReplaced: true,
    })
  }

  /** Makes the next commit write the whole state instead of the unwritten calls. */
  #compactNext(): void {
    // A running compaction started before those calls.
    if (this.#compaction === undefined) this.#mustCompact = true
  }

  /**
   * Puts the latest calls into a frame; returns all frames that are not on disk, including those whose write failed.
   */
  #unwrittenFrames(): readonly Buffer[] {
    if (this.#encoder.length > 0) this.#unwritten.push(frame(this.#encoder.take()))
    return this.#unwritten
  }

  #failure(error: unknown): StateFileError {
    return new StateFileError(`the state file ${this.#file} can't be written: ${messageOf(error)}`, {
      cause: error,
      isReplaced: error instanceof StateFileError && error.isReplaced,
    })
  }

  /** Runs tasks that touch the file one after another. */
  #runExclusively(task: () => Promise<void>): Promise<void> {
    const run = this.#lastInTurn.then(task)
    this.#lastInTurn = run.catch(() => {})
    return run
  }
}

const SNAPSHOT_FRAME_BYTES = 256 * 1024
const COMPACT_AFTER_BYTES = 4 * 1024 * 1024
const MAX_UNWRITTEN_BYTES = 64 * 1024 * 1024
const CHECK_INTERVAL_MS = 1_000

async function statIfExists(file: string): Promise<Stats | undefined> {
  try {
    return await stat(file)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
