import { startApiSink } from '../../test/testing/api-sink.ts'

/** A Cloud Monitoring API that only counts the points it receives. */
export class CountingApi {
  points = 0

  async listen(port: number): Promise<void> {
    const take = (request: Buffer): void => {
      this.points += countSeries(request)
    }
    await startApiSink(take, { port })
  }
}

/** Counts the `time_series` fields of a CreateTimeSeriesRequest without decoding them. */
function countSeries(bytes: Buffer): number {
  let count = 0
  let position = 0
  const varint = () => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[position++] ?? 0
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }
  while (position < bytes.length) {
    const tag = varint()
    const length = varint()
    if (tag === 0x12) count += 1
    position += length
  }
  return count
}
