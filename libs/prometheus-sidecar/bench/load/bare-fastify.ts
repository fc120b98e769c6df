import { fastify } from 'fastify'

/** The smallest Fastify server, which counts its responses. */
const port = Number(process.argv[2])
let count = 0
const server = fastify({ logger: false })
server.get('/', async () => {
  count += 1
  return { hello: 'world' }
})
server.get('/count', async () => String(count))
await server.listen({ host: '127.0.0.1', port })
