// The usual wiring of metrics and logs: fastify-metrics with its defaults, two counters of the service, Fastify's
// logger.
import Fastify from 'fastify'
import fastifyMetrics from 'fastify-metrics'

const app = Fastify({ logger: process.env.LOGS === 'on' })
await app.register(fastifyMetrics.default, { endpoint: '/metrics' })
const { Counter } = app.metrics.client
const hello = new Counter({ name: 'hello_requests_total', help: 'Hello requests', labelNames: ['app', 'environment'] })
const requests = new Counter({ name: 'requests_total', help: 'Requests', labelNames: ['method', 'status'] })
app.addHook('onResponse', (request, reply, done) => {
  requests.inc({ method: request.method, status: reply.statusCode })
  done()
})
app.get('/', (_request, reply) => {
  hello.inc({ app: 'bench', environment: 'bench' })
  reply.send('Hello World!')
})
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
