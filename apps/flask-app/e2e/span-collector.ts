import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An OTLP collector that counts the spans of `GET /`. */
export interface SpanCollector {
  readonly url: string
  readonly spans: number
  close(): Promise<void>
}

/** The name of a span in OTLP protobuf: field 5, length, string. */
const NAME = Buffer.from('\x2a\x05GET /', 'latin1')

/** Starts a collector. */
export async function startSpanCollector(): Promise<SpanCollector> {
  let spans = 0
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    for (let at = body.indexOf(NAME); at >= 0; at = body.indexOf(NAME, at + NAME.length)) spans++
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get spans() {
      return spans
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
