import { type FileHandle, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { SavedState, SeriesState, StateJournal, StateSource } from '../conversion-state.ts'
import { DamagedJournalError, EMPTY_JOURNAL, frame, readFrames, writeDurably } from './frame-file.ts'
import { makeFolder } from './make-folder.ts'
import { JournalFormatError, Replay } from './record-decoder.ts'
import { RecordEncoder } from './record-encoder.ts'

/** Cloud Monitoring takes no point older than 25 h, so that a series that was silent for as long has nothing to go on from. */
export const FORGET_AFTER_MS = 25 * 60 * 60 * 1000

/** Why the state can't be kept: the disk is full, read-only, or gone. */
export class StateFileError extends Error {
  readonly code = 'state-file'
  readonly exitCode = 1

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StateFileError'
  }
}

export interface JournalOptions {
  readonly log: { warn(bindings: object, message: string): void }
  /** The present time, for forgetting. Default: the clock. */
  readonly nowMs?: number
  /** Compacts when the file is this much longer than twice its compacted length. Default 4 MiB. */
  readonly compactAfterBytes?: number
}

/** A journal that was read and waits for the source of the state that it led to. */
export interface OpenedJournal {
  /** What was on disk, without series that were silent for 25 h. */
  readonly saved: SavedState
  /** Compacts the file to `source`'s state, which must be `saved`'s, and takes calls from then on. */
  start(source: StateSource): Promise<StateJournal>
}

/**
 * Opens the state file, which need not exist; its folder is made. A file that is damaged or of another version is renamed to
 * `FILE.damaged-TIME` with a warning, and the state begins empty: each counter's next sample then becomes its new baseline.
 *
 * @throws {StateFileError} The file can't be read, made or renamed.
 */
export async function openJournal(file: string, options: JournalOptions): Promise<OpenedJournal> {
  const nowMs = options.nowMs ?? Date.now()
  const replay = await readState(file, nowMs, options)
  for (const series of replay.series.values()) {
    if (isForgotten(series, nowMs)) replay.series.delete(series.id)
  }
  const documents = new Map(replay.documents)
  return {
    saved: { series: [...replay.series.values()], documents: replay.documents },
    async start(source) {
      const journal = new FileJournal(file, source, documents, options.compactAfterBytes ?? 4 * 1024 * 1024)
      await journal.compact()
      return journal
    },
  }
}

/** Says whether a series was silent for so long that its state serves nothing. */
export function isForgotten(series: SeriesState, nowMs: number): boolean {
  const newestMs = series.waiting.at(-1)?.timestampMs ?? series.lastMs
  return !(newestMs > nowMs - FORGET_AFTER_MS)
}

async function readState(file: string, nowMs: number, options: JournalOptions): Promise<Replay> {
  const replay = new Replay()
  await makeFolder(dirname(file)).catch((cause: unknown) => {
    throw new StateFileError(
      `the folder of the state file ${file} can't be made: ${describe(cause)}; --state-file has to name a file in a folder that can be written`,
      { cause },
    )
  })
  try {
    await readFrames(file, (records) => replay.apply(records))
    return replay
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return replay
    if (
      !(error instanceof DamagedJournalError || error instanceof JournalFormatError || error instanceof SyntaxError)
    ) {
      const reason = hasCode(error, 'EISDIR')
        ? 'is a folder; --state-file has to name a file in it'
        : `can't be read: ${describe(error)}`
      throw new StateFileError(`the state file ${file} ${reason}`, { cause: error })
    }
    const aside = `${file}.damaged-${new Date(nowMs).toISOString().replaceAll(':', '')}`
    options.log.warn(
      { file, aside, reason: error.message },
      'the state file is put aside; counters begin with a new baseline',
    )
    await rename(file, aside).catch((cause: unknown) => {
      throw new StateFileError(`the damaged state file ${file} can't be put aside: ${describe(cause)}`, { cause })
    })
    return new Replay()
  }
}

class FileJournal implements StateJournal {
  readonly #file: string
  readonly #source: StateSource
  readonly #documents: Map<string, unknown>
  readonly #compactAfterBytes: number
  readonly #encoder = new RecordEncoder()
  #handle: FileHandle | undefined
  #length = 0
  #compactedLength = 0
  #unwritten: Buffer[] = []
  /** The frames written since a compaction began, which go behind its snapshot. */
  #sinceSnapshot: Buffer[] | undefined
  #lastInTurn: Promise<void> = Promise.resolve()
  #nextCommit: Promise<void> | undefined
  #compaction: Promise<void> | undefined
  #closed = false

  constructor(file: string, source: StateSource, documents: Map<string, unknown>, compactAfterBytes: number) {
    this.#file = file
    this.#source = source
    this.#documents = documents
    this.#compactAfterBytes = compactAfterBytes
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
    // Commits that arrive while a frame is being written share the next one.
    this.#nextCommit ??= this.#inTurn(async () => {
      this.#nextCommit = undefined
      await this.#writeFrames()
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

  /** Writes the whole state to a new file that takes the place of the old one. Frames may be written meanwhile. */
  async compact(): Promise<void> {
    const temporary = `${this.#file}.compacting`
    this.#sinceSnapshot = []
    let handle: FileHandle | undefined
    try {
      handle = await open(temporary, 'w', 0o600)
      let length = EMPTY_JOURNAL.length
      await handle.write(EMPTY_JOURNAL, 0, EMPTY_JOURNAL.length, 0)
      for await (const records of this.#snapshot()) {
        const framed = frame(records)
        await handle.write(framed, 0, framed.length, length)
        length += framed.length
      }
      const opened = handle
      const compactedLength = length
      await this.#inTurn(() => this.#replaceBy(opened, temporary, compactedLength))
    } catch (error) {
      await handle?.close().catch(() => {})
      throw new StateFileError(`the state file ${this.#file} can't be written: ${describe(error)}`, { cause: error })
    } finally {
      this.#sinceSnapshot = undefined
    }
  }

  async #replaceBy(handle: FileHandle, temporary: string, compactedLength: number): Promise<void> {
    // All calls until now, or the snapshot would have some of those that one commit covers, and miss others.
    const behind = Buffer.concat([...(this.#sinceSnapshot ?? []), ...this.#unwrittenFrames()])
    await writeDurably(handle, behind, compactedLength)
    await rename(temporary, this.#file)
    await syncFolder(dirname(this.#file))
    this.#unwritten = []
    const old = this.#handle
    this.#handle = handle
    this.#length = compactedLength + behind.length
    this.#compactedLength = compactedLength
    await old?.close()
  }

  /** The state in pieces, between which other work goes on. */
  async *#snapshot(): AsyncGenerator<Buffer> {
    const encoder = new RecordEncoder()
    for (const [name, value] of this.#documents) encoder.document(name, value)
    for (const series of this.#source()) {
      encoder.state(series)
      if (encoder.length > SNAPSHOT_FRAME_BYTES) yield encoder.take()
    }
    if (encoder.length > 0) yield encoder.take()
  }

  async #writeFrames(): Promise<void> {
    const frames = this.#unwrittenFrames()
    if (frames.length === 0) return
    const handle = this.#handle
    if (handle === undefined) throw new StateFileError(`the state file ${this.#file} is not open`)
    const bytes = Buffer.concat(frames)
    try {
      await writeDurably(handle, bytes, this.#length)
    } catch (error) {
      await handle.truncate(this.#length).catch(() => {})
      throw new StateFileError(`the state file ${this.#file} can't be written: ${describe(error)}`, { cause: error })
    }
    this.#unwritten = []
    this.#sinceSnapshot?.push(bytes)
    this.#length += bytes.length
    if (this.#compaction === undefined && this.#length > this.#compactedLength * 2 + this.#compactAfterBytes) {
      // A compaction that fails leaves the longer file in use, and the next frame tries again.
      this.#compaction = this.compact()
        .catch(() => {})
        .finally(() => {
          this.#compaction = undefined
        })
    }
  }

  /** Moves what was called since into a frame; gives all frames that are not on disk, also those that it refused. */
  #unwrittenFrames(): readonly Buffer[] {
    if (this.#encoder.length > 0) this.#unwritten.push(frame(this.#encoder.take()))
    return this.#unwritten
  }

  /** Runs tasks that touch the file one after the other. */
  #inTurn(task: () => Promise<void>): Promise<void> {
    const run = this.#lastInTurn.then(task)
    this.#lastInTurn = run.catch(() => {})
    return run
  }
}

const SNAPSHOT_FRAME_BYTES = 256 * 1024

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
