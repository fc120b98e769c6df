import type { ProtobufReader } from '../protobuf/protobuf-reader.ts'
import { isStaleMarker } from './write-request.ts'

/** Tags of the fields of `io.prometheus.write.v2.Sample`. */
const SAMPLE_VALUE = 0x09
const SAMPLE_TIMESTAMP = 0x10
const SAMPLE_START_TIMESTAMP = 0x18

/** Adjacent samples of a series with the same start; only the last one may be a stale marker. */
export interface SampleRun {
  /** Where the run ends in all samples of the request. */
  readonly samplesEnd: number
  /** 0 if it is unknown. */
  readonly startMs: number
  readonly stale: boolean
}

/** Decodes the samples of a remote_write 2.0 request, one series after another. */
export class SampleDecoder {
  readonly timestampsMs: number[] = []
  readonly values: number[] = []
  /** The runs of the current series except the last one, which usually is the only one. */
  readonly endedRuns: SampleRun[] = []
  /** The first sample of the current series. */
  first = 0
  /** That of the last run. */
  startMs = 0
  stale = false

  /** Starts the next series. */
  next(): void {
    this.first = this.values.length
    this.startMs = 0
    this.stale = false
    if (this.endedRuns.length > 0) this.endedRuns.length = 0
  }

  /** Appends a sample. */
  decode(cursor: ProtobufReader, end: number): void {
    let value = 0
    let timestampMs = 0
    let startMs = 0
    let stale = false
    while (cursor.position < end) {
      const tag = cursor.varint()
      if (tag === SAMPLE_VALUE) {
        value = cursor.double(end)
        stale = isStaleMarker(cursor, value)
      } else if (tag === SAMPLE_TIMESTAMP) timestampMs = cursor.int64()
      else if (tag === SAMPLE_START_TIMESTAMP) startMs = cursor.int64()
      else cursor.skip(tag, end)
    }
    cursor.expectEnd(end)
    const samplesEnd = this.values.length
    if (samplesEnd > this.first && (this.stale || startMs !== this.startMs))
      this.endedRuns.push({ samplesEnd, startMs: this.startMs, stale: this.stale })
    this.timestampsMs.push(timestampMs)
    this.values.push(value)
    this.startMs = startMs
    this.stale = stale
  }

  /** Removes the samples of the current series. Returns their number. */
  discard(): number {
    const count = this.values.length - this.first
    this.values.length = this.timestampsMs.length = this.first
    return count
  }
}
