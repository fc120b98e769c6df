import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { messageOf } from '@node-to-cloud/command-line'
import { callKind } from './call-kind.ts'
import { type CallRecord, decodeRecords, encodeRecord } from './call-record.ts'
import { lockDirectory } from './directory-lock.ts'
import { hasCode, PersistenceError } from './persistence-error.ts'

export interface JournalLimits {
  /** Older telemetry is dropped. */
  readonly retentionMs: number
  /** The size of all files; above it, the oldest telemetry is dropped. */
  readonly maxBytes: number
  /** Above this size a new segment is started. */
  readonly segmentBytes: number
}

export interface OpenOptions {
  readonly nowMs: number
  /** Called with the stored calls, in order. */
  readonly replay: (record: CallRecord) => void
  readonly warn: (message: string) => void
  /**
   * Called if calls could not be written, for example because the disk is full; they will be missing after a restart.
   */
  readonly failed: (error: unknown, calls: number) => void
}

interface Segment {
  readonly number: number
  bytes: number
  newestMs: number
}

const SEGMENT = /^calls-(\d{12})$/
/** The file of changes that outlive the telemetry around them, from all segments up to this number. */
const RESOURCES = /^resources-(\d{12})$/

/**
 * Stores the calls that change something, in order, in a directory: in segments, the oldest of which are dropped when
 * their telemetry has expired; their changes of resources are then moved to a separate file. Each record has a
 * checksum, so that a crash loses at most calls without a response.
 */
export class CallJournal {
  readonly #directory: string
  readonly #limits: JournalLimits
  readonly #unlock: () => Promise<void>
  readonly #segments: Segment[]
  readonly #failed: (error: unknown, calls: number) => void
  #file: FileHandle | undefined
  #nextNumber: number
  #pending: Buffer[] = []
  #pendingNewestMs = Number.NEGATIVE_INFINITY
  #writing: Promise<void> | undefined

  private constructor(
    directory: string,
    limits: JournalLimits,
    {
      unlock,
      segments,
      nextNumber,
      failed,
    }: Pick<OpenOptions, 'failed'> & {
      unlock: () => Promise<void>
      segments: Segment[]
      nextNumber: number
    },
  ) {
    this.#directory = directory
    this.#limits = limits
    this.#unlock = unlock
    this.#segments = segments
    this.#failed = failed
    this.#nextNumber = nextNumber
  }

  /**
   * Opens a directory, which is created if only its last part is missing, and passes the stored calls to `replay`, in
   * order.
   *
   * @throws PersistenceError if it can't be used, or another process uses it
   */
  static async open(directory: string, limits: JournalLimits, options: OpenOptions): Promise<CallJournal> {
    let unlock: (() => Promise<void>) | undefined
    try {
      await mkdir(directory).catch((error: unknown) => {
        if (!hasCode(error, 'EEXIST')) throw error
      })
      unlock = await lockDirectory(directory)
      const { resources, numbers } = await filesOf(directory)
      const segments: Segment[] = []
      if (resources !== undefined) await replayFile(join(directory, nameOf('resources', resources)), limits, options)
      for (const number of numbers) {
        segments.push({ number, ...(await replayFile(join(directory, nameOf('calls', number)), limits, options)) })
      }
      // A segment with the number of the resources file would be treated as no longer needed.
      const nextNumber = 1 + Math.max(resources ?? 0, numbers.at(-1) ?? 0)
      return new CallJournal(directory, limits, { unlock, segments, nextNumber, failed: options.failed })
    } catch (cause) {
      await unlock?.()
      if (cause instanceof PersistenceError) throw cause
      throw new PersistenceError(`--data-dir ${directory} can't be used: ${messageOf(cause)}`, { cause })
    }
  }

  /** Bytes on disk, without the file of resources. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /**
   * Stores a call; resolves once it is written, or has failed to be. Calls that arrive meanwhile are written together.
   */
  async append(record: CallRecord): Promise<void> {
    this.#pending.push(encodeRecord(record))
    this.#pendingNewestMs = Math.max(this.#pendingNewestMs, record.timeMs)
    this.#writing ??= this.#write()
    await this.#writing
  }

  /** Deletes everything. */
  async clear(): Promise<void> {
    await this.#writing
    await this.#file?.close()
    this.#file = undefined
    this.#segments.length = 0
    for (const file of await readdir(this.#directory)) {
      if (SEGMENT.test(file) || RESOURCES.test(file)) await rm(join(this.#directory, file), { force: true })
    }
  }

  /** Drops segments whose telemetry has expired, and the oldest ones above the size limit. */
  async sweep(nowMs: number): Promise<void> {
    const oldestMs = nowMs - this.#limits.retentionMs
    for (;;) {
      const [oldest] = this.#segments
      if (oldest === undefined || this.#segments.length === 1) return
      if (oldest.newestMs >= oldestMs && this.bytes <= this.#limits.maxBytes) return
      await this.#keepResources(oldest.number)
      this.#segments.shift()
      await rm(join(this.#directory, nameOf('calls', oldest.number)), { force: true })
    }
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#file?.sync()
    await this.#file?.close()
    this.#file = undefined
    await this.#unlock()
  }

  async #write(): Promise<void> {
    try {
      // Calls that arrive in the same turn share a write.
      await new Promise<void>((resolve) => setImmediate(resolve))
      while (this.#pending.length > 0) {
        const calls = this.#pending
        const newestMs = this.#pendingNewestMs
        this.#pending = []
        await this.#writeBatch(calls, newestMs).catch((error: unknown) => this.#failed(error, calls.length))
      }
    } finally {
      this.#writing = undefined
    }
  }

  async #writeBatch(calls: readonly Buffer[], newestMs: number): Promise<void> {
    const bytes = Buffer.concat(calls)
    const segment = await this.#segmentToWrite()
    try {
      await this.#file?.appendFile(bytes)
    } catch (error) {
      // On a full disk a partial record may have been written, after which nothing could be read.
      await this.#file?.truncate(segment.bytes)
      throw error
    }
    segment.bytes += bytes.length
    segment.newestMs = Math.max(segment.newestMs, newestMs)
  }

  async #segmentToWrite(): Promise<Segment> {
    const newest = this.#segments.at(-1)
    if (newest !== undefined && newest.bytes < this.#limits.segmentBytes) {
      this.#file ??= await open(join(this.#directory, nameOf('calls', newest.number)), 'a')
      return newest
    }
    await this.#file?.sync()
    await this.#file?.close()
    const number = this.#nextNumber++
    this.#file = await open(join(this.#directory, nameOf('calls', number)), 'a')
    const segment = { number, bytes: 0, newestMs: Number.NEGATIVE_INFINITY }
    this.#segments.push(segment)
    return segment
  }

  /** A crash after this leaves the segment behind; its number shows that it is no longer needed. */
  async #keepResources(number: number): Promise<void> {
    const { resources } = await filesOf(this.#directory)
    const { records } = decodeRecords(await readFile(join(this.#directory, nameOf('calls', number))))
    const kept = records.filter(({ method }) => callKind(method) === 'resource')
    if (kept.length === 0) return
    const earlier = resources === undefined ? undefined : join(this.#directory, nameOf('resources', resources))
    const path = join(this.#directory, nameOf('resources', number))
    const handle = await open(`${path}.new`, 'w')
    try {
      if (earlier !== undefined) await handle.appendFile(await readFile(earlier))
      await handle.appendFile(Buffer.concat(kept.map(encodeRecord)))
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(`${path}.new`, path)
    if (earlier !== undefined) await rm(earlier)
  }
}

function nameOf(kind: 'calls' | 'resources', number: number): string {
  return `${kind}-${String(number).padStart(12, '0')}`
}

/**
 * The number of the newest resources file, and those of the segments after it. Files left behind by a crash are
 * removed.
 */
async function filesOf(directory: string): Promise<{ resources: number | undefined; numbers: number[] }> {
  const files = await readdir(directory)
  const numbersOf = (pattern: RegExp): number[] =>
    files
      .flatMap((file) => pattern.exec(file)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b)
  const resources = numbersOf(RESOURCES)
  const newest = resources.pop()
  for (const number of resources) await rm(join(directory, nameOf('resources', number)))
  const segments = numbersOf(SEGMENT)
  const covered = newest === undefined ? [] : segments.filter((number) => number <= newest)
  for (const number of covered) await rm(join(directory, nameOf('calls', number)), { force: true })
  return { resources: newest, numbers: segments.slice(covered.length) }
}

async function replayFile(
  path: string,
  { retentionMs }: JournalLimits,
  { nowMs, replay, warn }: OpenOptions,
): Promise<{ readonly bytes: number; readonly newestMs: number }> {
  const bytes = await readFile(path)
  const { records, validBytes } = decodeRecords(bytes)
  if (validBytes < bytes.length) {
    const left = bytes.length - validBytes
    warn(
      `${path} ends in ${left} ${plural(left, 'byte that is damaged or incomplete; it is', 'bytes that are damaged or incomplete; they are')} truncated`,
    )
    await truncate(path, validBytes)
  }
  let newestMs = Number.NEGATIVE_INFINITY
  for (const record of records) {
    newestMs = Math.max(newestMs, record.timeMs)
    if (record.timeMs >= nowMs - retentionMs || callKind(record.method) === 'resource') replay(record)
  }
  return { bytes: validBytes, newestMs }
}
