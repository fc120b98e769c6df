import { fstatSync, write, writeSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import type { DestinationStream } from 'pino'

/** The limits of a buffered output. */
export interface BufferedOutputOptions {
  /** Text is written as soon as it reaches this length; default 4096 characters. */
  readonly blockLength?: number
  /** Text is written after this time at the latest; default 100 ms. */
  readonly flushIntervalMs?: number
  /**
   * The maximum length of the text that is kept while nobody reads; default 16 Mi characters. Further lines are dropped
   * and counted.
   */
  readonly maxLength?: number
}

const RETRY_MS = 2
const STALLED_READER_TIMEOUT_MS = 1_000
/** The longest time that a flush waits for a slow reader. */
const MAX_FLUSH_MS = 5_000
const NEW_LINE = 0x0a
/** The largest write to a pipe that the kernel accepts completely or not at all (POSIX PIPE_BUF, on Linux). */
const PIPE_BUF = 4096

/**
 * Writes lines to a file descriptor in blocks, without ever blocking the process. If lines can't be written because the
 * disk is full or the reader is gone, they are dropped and counted, and later lines are tried again: a disk may get
 * room, and a named pipe another reader. The `flushSync` of sonic-boom, pino's default, retries a closed pipe forever,
 * so that the process never exits. A pipe gets only whole lines of no more than 4 KiB at a time: the processes of a
 * service share it, and when it is nearly full, a larger write may end in the middle of a line.
 */
export class BufferedOutput implements DestinationStream {
  /** The number of lines that were dropped because nobody read them in time, or the reader is gone. */
  droppedLines = 0
  readonly #fd: number
  readonly #isPipe: boolean
  readonly #blockLength: number
  readonly #maxLength: number
  #text = ''
  /**
   * The block that is being written: it is written up to `#written`, the kernel has the part from there to `#handed`,
   * and the rest waits.
   */
  #block: Buffer | undefined
  #written = 0
  #handed = 0
  /** Whether the pipe was full at the last result: the part that has been handed over since may be refused as well. */
  #isFull = false
  /** Whether the last write ended in the middle of a line whose rest was dropped. */
  #isLineCut = false
  /** Whether a flush handles the part for which the kernel has no room, and whether there is such a part. */
  #isFlushing = false
  #isLeft = false

  constructor(fd: number, options: BufferedOutputOptions = {}) {
    this.#fd = fd
    this.#isPipe = isPipe(fd)
    this.#blockLength = options.blockLength ?? 4096
    this.#maxLength = options.maxLength ?? 16 * 1024 * 1024
    setInterval(() => this.#writeBlock(), options.flushIntervalMs ?? 100).unref()
    process.once('exit', () => this.flushSync())
  }

  write(line: string): void {
    if (this.#text.length > this.#maxLength) {
      this.droppedLines++
      return
    }
    this.#text += line
    if (this.#text.length >= this.#blockLength) this.#writeBlock()
  }

  /**
   * Writes everything that is left. Waits as long as the reader makes progress, but no more than a second if it does
   * not.
   */
  async flush(): Promise<void> {
    const end = performance.now() + MAX_FLUSH_MS
    let deadline = performance.now() + STALLED_READER_TIMEOUT_MS
    let written = this.#written
    while (this.#block !== undefined && performance.now() < Math.min(deadline, end)) {
      await setTimeout(1)
      if (this.#written === written) continue
      written = this.#written
      deadline = performance.now() + STALLED_READER_TIMEOUT_MS
    }
    this.#isFlushing = true
    // The kernel responds immediately, since the pipe does not block; the part it was handed comes before the rest.
    while (this.#block !== undefined && this.#handed > this.#written && performance.now() < end) await setTimeout(1)
    this.flushSync()
    this.#isFlushing = false
    if (!this.#isLeft) return
    this.#isLeft = false
    this.#resumeWriting()
  }

  /** Writes everything that is left, synchronously; gives up if the reader is gone or has read nothing for a second. */
  flushSync(): void {
    let rest: Buffer = Buffer.concat([this.#takeWaiting(), this.#takeText()])
    const end = performance.now() + MAX_FLUSH_MS
    let deadline = performance.now() + STALLED_READER_TIMEOUT_MS
    while (rest.length > 0) {
      try {
        rest = rest.subarray(writeSync(this.#fd, rest, 0, this.#lengthOfPart(rest)))
        deadline = performance.now() + STALLED_READER_TIMEOUT_MS
      } catch (error) {
        if (!isBusy(error) || performance.now() > Math.min(deadline, end)) {
          this.#drop(rest)
          return
        }
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
      }
    }
  }

  /**
   * Removes from the block what the kernel does not have yet; a part that it may have refused is rather written twice
   * than lost.
   */
  #takeWaiting(): Buffer {
    const end = this.#isFull ? this.#written : this.#handed
    const waiting = this.#block?.subarray(end) ?? Buffer.alloc(0)
    this.#block = this.#block?.subarray(0, end)
    return waiting
  }

  #writeBlock(): void {
    if (this.#block !== undefined || this.#text === '') return
    this.#block = this.#takeText()
    this.#written = 0
    this.#handed = 0
    this.#writePart(this.#block)
  }

  #writePart(block: Buffer): void {
    const rest = block.subarray(this.#written)
    const length = this.#lengthOfPart(rest)
    this.#handed = this.#written + length
    write(this.#fd, rest, 0, length, null, (error, written) => {
      this.#isFull = error !== null && isBusy(error)
      if (error !== null && isBusy(error)) {
        this.#handed = this.#written
        this.#isLeft = this.#isFlushing
        if (this.#isLeft) return
        void setTimeout(RETRY_MS, undefined, { ref: false }).then(() => this.#resumeWriting())
      } else if (error !== null) {
        this.#isLineCut ||= this.#written > 0 && this.#block?.[this.#written - 1] !== NEW_LINE
        this.#drop(this.#block?.subarray(this.#written) ?? rest)
        this.#block = undefined
      } else {
        this.#written += written
        this.#handed = this.#written
        this.#resumeWriting()
      }
    })
  }

  #resumeWriting(): void {
    if (this.#block !== undefined && this.#written < this.#block.length) {
      this.#writePart(this.#block)
      return
    }
    this.#block = undefined
    if (this.#text.length >= this.#blockLength) this.#writeBlock()
  }

  /** How much of `rest` may be written at once. */
  #lengthOfPart(rest: Buffer): number {
    if (!this.#isPipe || rest.length <= PIPE_BUF) return rest.length
    const end = rest.lastIndexOf(NEW_LINE, PIPE_BUF - 1)
    // A longer line can't be written in one piece.
    return end < 0 ? rest.indexOf(NEW_LINE) + 1 || rest.length : end + 1
  }

  /** Takes the waiting lines; after a line that was cut off they start on a new line. */
  #takeText(): Buffer {
    const taken = Buffer.from(this.#isLineCut && this.#text !== '' ? `\n${this.#text}` : this.#text)
    if (this.#text !== '') this.#isLineCut = false
    this.#text = ''
    return taken
  }

  #drop(lost: Uint8Array): void {
    this.droppedLines += Buffer.from(lost).toString().split('\n').length - 1
  }
}

function isPipe(fd: number): boolean {
  try {
    const stats = fstatSync(fd)
    return stats.isFIFO() || stats.isSocket()
  } catch {
    // A closed descriptor fails at the first write.
    return false
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EBUSY')
}
