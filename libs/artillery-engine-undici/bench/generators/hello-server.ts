import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'

/**
 * Answers every request with the same text, but `/count` with how many it has answered.
 * Usage: `node hello-server.ts PORT [HTTP2_PORT]`; at the second port it speaks HTTP/2 by prior knowledge.
 */
const [port, http2Port] = process.argv.slice(2)
let count = 0
const server = createServer((request, response) => {
  response.setHeader('content-type', 'text/plain')
  if (request.url === '/count') {
    response.end(String(count))
    return
  }
  count++
  response.end('Hello, world!')
})
server.listen(Number(port), '127.0.0.1')
if (http2Port !== undefined) {
  const http2Server = createHttp2Server()
  http2Server.on('stream', (stream) => {
    count++
    stream.respond({ 'content-type': 'text/plain' })
    stream.end('Hello, world!')
  })
  http2Server.listen(Number(http2Port), '127.0.0.1')
}
