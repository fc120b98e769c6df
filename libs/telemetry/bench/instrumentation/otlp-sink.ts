/**
 * A collector that accepts every OTLP request and keeps only the number of spans or log lines; `GET` returns the number
 * received at that path.
 */
import { createServer } from 'node:http'

const itemsByPath = new Map<string, number>()

createServer((request, response) => {
  const path = request.url ?? '/'
  if (request.method === 'GET') {
    response.end(String(itemsByPath.get(path) ?? 0))
    return
  }
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.once('end', () => {
    itemsByPath.set(path, (itemsByPath.get(path) ?? 0) + countItems(Buffer.concat(chunks), [1, 2, 2]))
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
  })
}).listen(Number(process.env.PORT), '127.0.0.1')

/**
 * Counts the messages at a path of field numbers in a protobuf message: ExportTraceServiceRequest has resource_spans =
 * 1, scope_spans = 2, spans = 2, and the one for logs the same numbers.
 */
function countItems(message: Buffer, [field, ...rest]: readonly number[]): number {
  let count = 0
  let at = 0
  const varint = () => {
    let value = 0
    let factor = 1
    for (;;) {
      const byte = message[at++] ?? 0
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 128
    }
  }
  while (at < message.length) {
    const key = varint()
    if ((key & 7) !== 2) throw new RangeError(`wire type ${key & 7} where only messages are`)
    const length = varint()
    if (key >> 3 === field) count += rest.length === 0 ? 1 : countItems(message.subarray(at, at + length), rest)
    at += length
  }
  return count
}
