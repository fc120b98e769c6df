import { createServer } from 'node:http'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { createTimeSeriesRequestCodec } from '../../src/monitoring/model/messages.ts'

/** A gRPC server that only decodes CreateTimeSeries requests; `GET /count` returns how many points it has decoded. */
const [httpPort = '0', grpcPort = '0'] = process.argv.slice(2)
let points = 0
const server = new Server()
server.addService(
  {
    CreateTimeSeries: {
      path: '/google.monitoring.v3.MetricService/CreateTimeSeries',
      requestStream: false,
      responseStream: false,
      requestSerialize: () => Buffer.alloc(0),
      requestDeserialize: (bytes: Buffer) => createTimeSeriesRequestCodec.decode(bytes),
      responseSerialize: () => Buffer.alloc(0),
      responseDeserialize: () => ({}),
    },
  },
  {
    CreateTimeSeries: (
      call: { request: { timeSeries: unknown[] } },
      answer: (error: null, response: object) => void,
    ) => {
      points += call.request.timeSeries.length
      answer(null, {})
    },
  },
)
await new Promise<void>((resolve, reject) => {
  server.bindAsync(`127.0.0.1:${grpcPort}`, ServerCredentials.createInsecure(), (error) =>
    error ? reject(error) : resolve(),
  )
})
createServer((_request, response) => response.end(String(points))).listen(Number(httpPort), '127.0.0.1')
