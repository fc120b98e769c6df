import { Server, ServerCredentials } from '@grpc/grpc-js'

/** A Cloud Monitoring API that only counts the points that it gets. */
export class CountingApi {
  points = 0

  async listen(port: number): Promise<void> {
    const api = new Server({ 'grpc.max_receive_message_length': 64 * 1024 * 1024 })
    api.addService(
      {
        createTimeSeries: {
          path: '/google.monitoring.v3.MetricService/CreateTimeSeries',
          requestStream: false,
          responseStream: false,
          requestSerialize: (bytes: Buffer) => bytes,
          requestDeserialize: (bytes: Buffer) => bytes,
          responseSerialize: (bytes: Buffer) => bytes,
          responseDeserialize: (bytes: Buffer) => bytes,
        },
      },
      {
        createTimeSeries: (call: { request: Buffer }, answer: (error: null, response: Buffer) => void) => {
          this.points += countSeries(call.request)
          answer(null, Buffer.alloc(0))
        },
      },
    )
    await new Promise<void>((resolve, reject) => {
      api.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error) =>
        error === null ? resolve() : reject(error),
      )
    })
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
