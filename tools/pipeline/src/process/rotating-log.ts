import { closeSync, openSync, renameSync, writeSync } from 'node:fs'

/** A log file of bounded size: when it is full, it becomes `<file>.1`, and a new one is begun. */
export class RotatingLog {
  readonly #file: string
  readonly #maxBytes: number
  #descriptor: number
  #bytes = 0

  constructor(file: string, { maxBytes = 4 * 1024 * 1024 }: { readonly maxBytes?: number } = {}) {
    this.#file = file
    this.#maxBytes = maxBytes
    this.#descriptor = openSync(file, 'w')
  }

  write(text: string): void {
    const bytes = Buffer.byteLength(text)
    if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes) this.#rotate()
    writeSync(this.#descriptor, text)
    this.#bytes += bytes
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  #rotate(): void {
    closeSync(this.#descriptor)
    renameSync(this.#file, `${this.#file}.1`)
    this.#descriptor = openSync(this.#file, 'w')
    this.#bytes = 0
  }
}
