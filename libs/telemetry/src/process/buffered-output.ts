import { write, writeSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import type { DestinationStream } from 'pino'

/** Bounds of a buffered output. */
export interface BufferedOutputOptions {
  /** Text is written when there is this much of it; default 4096 characters. */
  readonly blockLength?: number
  /** Text is written at the latest after this time; default 100 ms. */
  readonly flushIntervalMs?: number
  /** What is kept at most while nobody reads; default 16 Mi characters. Lines beyond it are dropped and counted. */
  readonly maxLength?: number
}

const RETRY_MS = 10
const EXIT_PATIENCE_MS = 1_000

/**
 * Writes lines to a file descriptor in blocks, without ever blocking the process. Unlike sonic-boom, which pino comes with, it gives up when the reader
 * is gone: sonic-boom's `flushSync` tries a closed pipe again forever, and the process never ends.
 */
export class BufferedOutput implements DestinationStream {
  /** Lines that were dropped, because nobody read them in time or nobody is there. */
  droppedLines = 0
  readonly #fd: number
  readonly #blockLength: number
  readonly #maxLength: number
  #text = ''
  #writing: Buffer | undefined
  #isBroken = false

  constructor(fd: number, options: BufferedOutputOptions = {}) {
    this.#fd = fd
    this.#blockLength = options.blockLength ?? 4096
    this.#maxLength = options.maxLength ?? 16 * 1024 * 1024
    setInterval(() => this.#writeBlock(), options.flushIntervalMs ?? 100).unref()
    process.once('exit', () => this.flushSync())
  }

  write(line: string): void {
    if (this.#isBroken || this.#text.length > this.#maxLength) {
      this.droppedLines++
      return
    }
    this.#text += line
    if (this.#text.length >= this.#blockLength) this.#writeBlock()
  }

  /** Writes what is left, after the block that is being written. */
  async flush(): Promise<void> {
    const deadline = performance.now() + EXIT_PATIENCE_MS
    while (this.#writing !== undefined && performance.now() < deadline) await setTimeout(1)
    this.flushSync()
  }

  /** Writes what is left, at once; gives up when the reader is gone or slower than a second. */
  flushSync(): void {
    let rest: Uint8Array = Buffer.from(this.#text)
    this.#text = ''
    const deadline = performance.now() + EXIT_PATIENCE_MS
    while (rest.length > 0 && !this.#isBroken) {
      try {
        rest = rest.subarray(writeSync(this.#fd, rest))
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) this.#break(rest)
        else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
      }
    }
  }

  #writeBlock(): void {
    if (this.#writing !== undefined || this.#text === '' || this.#isBroken) return
    this.#writing = Buffer.from(this.#text)
    this.#text = ''
    this.#writeRest(this.#writing)
  }

  #writeRest(rest: Buffer): void {
    write(this.#fd, rest, (error, written) => {
      if (error !== null && isBusy(error)) {
        void setTimeout(RETRY_MS, undefined, { ref: false }).then(() => this.#writeRest(rest))
      } else if (error !== null) {
        this.#break(rest)
      } else if (written < rest.length) {
        this.#writeRest(rest.subarray(written))
      } else {
        this.#writing = undefined
        if (this.#text.length >= this.#blockLength) this.#writeBlock()
      }
    })
  }

  #break(lost: Uint8Array): void {
    this.#isBroken = true
    this.#writing = undefined
    this.droppedLines += Buffer.from(lost).toString().split('\n').length - 1
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EBUSY')
}
