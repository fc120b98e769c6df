import { createServer } from 'node:http'

/** Answers every request with the same text, but `/count` with how many it has answered. Usage: `node hello-server.ts PORT` */
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
server.listen(Number(process.argv[2]), '127.0.0.1')
