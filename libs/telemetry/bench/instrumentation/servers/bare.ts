import Fastify from 'fastify'

const app = Fastify()
app.get('/', (_request, reply) => {
  reply.send('Hello World!')
})
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
