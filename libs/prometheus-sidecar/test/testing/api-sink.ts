import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js'

/** A stand-in for Cloud Monitoring that accepts each `CreateTimeSeriesRequest` as bytes without checking it. */
export interface ApiSink {
  /** host:port of its plaintext gRPC server. */
  readonly address: string
  close(): void
}

/** Starts a sink on a port of 127.0.0.1, by default a free one; `take` is called with each request. */
export async function startApiSink(take: (request: Buffer) => void, { port: wanted = 0 } = {}): Promise<ApiSink> {
  const server = new Server({ 'grpc.max_receive_message_length': -1 })
  server.addService(
    {
      CreateTimeSeries: {
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
      CreateTimeSeries: (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
        take(call.request)
        answer(null, Buffer.alloc(0))
      },
    },
  )
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${wanted}`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound)
      else reject(error)
    })
  })
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() }
}
