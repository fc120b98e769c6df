import { createServer } from 'node:http'

/** A target that does as little as it can; `/count` says how many requests it had. */
let requests = 0
const server = createServer((request, response) => {
  if (request.url === '/count') {
    response.end(String(requests))
    return
  }
  requests++
  response.end('Hello World!')
})
server.keepAliveTimeout = 60_000
server.listen(Number(process.argv[2]), '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))
