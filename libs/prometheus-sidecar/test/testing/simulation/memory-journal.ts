import type { SavedState, StateJournal } from '../../../src/model/conversion-state.ts'
import { Replay } from '../../../src/state/record-decoder.ts'
import { RecordEncoder } from '../../../src/state/record-encoder.ts'

/** A disk with the frames of one journal. */
export class MemoryDisk {
  #frames: Buffer[] = []

  /** What a sidecar finds when it starts. */
  read(): SavedState {
    const replay = new Replay()
    for (const frame of this.#frames) replay.apply(frame)
    const saved = { series: [...replay.series.values()], documents: replay.documents }
    const encoder = new RecordEncoder()
    for (const series of saved.series) encoder.state(series)
    for (const [name, value] of saved.documents) encoder.document(name, value)
    this.#frames = [encoder.take()]
    return saved
  }

  append(frame: Buffer): void {
    this.#frames.push(Buffer.from(frame))
  }
}

/** The records of the real journal on a disk in memory; `pass` is called around each write, and may never resolve. */
export class MemoryJournal extends RecordEncoder implements StateJournal {
  readonly #disk: MemoryDisk
  readonly #pass: () => Promise<void>

  constructor(disk: MemoryDisk, pass: () => Promise<void>) {
    super()
    this.#disk = disk
    this.#pass = pass
  }

  async commit(): Promise<void> {
    await this.#pass()
    this.#disk.append(this.take())
    await this.#pass()
  }

  async close(): Promise<void> {}
}
