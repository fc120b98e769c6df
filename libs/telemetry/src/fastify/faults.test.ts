import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientHttp2Stream, connect as connectHttp2, constants } from 'node:http2'
import { describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { http2Instance, listening, untilLines } from '../../test/listening.ts'

const fail = (thrown: unknown) => async () => {
  throw thrown
}
const withStatus = (statusCode: number) => Object.assign(new Error('chosen'), { statusCode })

/** What goes wrong in a service, the resulting log lines, and how many exceptions it counts as. */
const FAULTS: readonly {
  what: string
  prepare: (app: FastifyInstance) => void
  lines: readonly string[]
  exceptions: number
}[] = [
  {
    what: 'a hook onSend throws',
    prepare: (app) => app.addHook('onSend', fail(new Error('in onSend'))).get('/x', async () => 'x'),
    lines: ['ERROR in onSend', 'INFO GET /x 500'],
    exceptions: 1,
  },
  {
    what: 'a hook preSerialization throws',
    prepare: (app) => app.addHook('preSerialization', fail(new Error('in it'))).get('/x', async () => ({ x: 1 })),
    lines: ['ERROR in it', 'INFO GET /x 500'],
    exceptions: 1,
  },
  {
    what: 'a hook onError throws too',
    prepare: (app) => app.addHook('onError', fail(new Error('later'))).get('/x', fail(new Error('first'))),
    lines: ['ERROR first', 'INFO GET /x 500'],
    exceptions: 1,
  },
  {
    what: 'a hook onResponse throws',
    prepare: (app) => app.addHook('onResponse', fail(new Error('too late'))).get('/x', async () => 'x'),
    lines: ['INFO GET /x 200'],
    exceptions: 0,
  },
  {
    what: 'a string is thrown',
    prepare: (app) => app.get('/x', fail('out of order')),
    lines: ["ERROR the thrown value is not an error: 'out of order'", 'INFO GET /x 500'],
    exceptions: 1,
  },
  {
    what: 'null is thrown',
    prepare: (app) => app.get('/x', fail(null)),
    lines: ['ERROR the thrown value is not an error: null', 'INFO GET /x 500'],
    exceptions: 1,
  },
  {
    what: 'an object is thrown',
    prepare: (app) => app.get('/x', fail({ reason: 'out of order' })),
    lines: ["ERROR the thrown value is not an error: { reason: 'out of order' }", 'INFO GET /x 500'],
    exceptions: 1,
  },
  {
    what: 'the response has a type that cannot be sent',
    prepare: (app) => app.get('/x', async (_request, reply: FastifyReply) => reply.type('text/plain').send(42)),
    lines: [
      "ERROR Attempted to send payload of invalid type 'number'. Expected a string or Buffer.",
      'INFO GET /x 500',
    ],
    exceptions: 1,
  },
  {
    what: 'the service responds with 503 through an error with a status code',
    prepare: (app) => app.get('/x', fail(withStatus(503))),
    lines: ['INFO GET /x 503'],
    exceptions: 0,
  },
  {
    what: 'the service responds with 404 and an error',
    prepare: (app) => app.get('/x', async (_request, reply) => reply.code(404).send(new Error('none'))),
    lines: ['INFO GET /x 404'],
    exceptions: 0,
  },
  {
    what: 'the not-found handler throws',
    prepare: (app) => app.setNotFoundHandler(fail(new Error('out of order'))),
    lines: ['ERROR out of order', 'INFO GET /x 500'],
    exceptions: 1,
  },
  {
    what: 'the service closes the connection before it responds',
    prepare: (app) => app.get('/x', async (_request, reply) => void reply.hijack().raw.destroy()),
    lines: ['ERROR the service aborted its response', 'INFO GET /x 500'],
    exceptions: 1,
  },
  {
    what: 'the service closes the connection because its response takes too long',
    prepare: (app) => {
      app.get('/x', async (_request, reply) => void reply.hijack())
      app.server.setTimeout(20)
    },
    lines: ['ERROR the response took longer than connections may be idle', 'INFO GET /x 500'],
    exceptions: 1,
  },
]

describe('a fault of the service', () => {
  for (const { what, prepare, lines, exceptions } of FAULTS)
    test(`${what}: it logs ${lines.join(', ')}`, async () => {
      const service = await listening(prepare)
      await fetch(`${service.url}/x`).then(
        (answer) => answer.text(),
        () => {},
      )
      assert.deepEqual(await untilLines(service, lines.length), lines)
      const counted = /^exceptions_total\{.*\} (\d+)$/m.exec(await service.registry.metrics())?.[1]
      assert.equal(Number(counted ?? 0), exceptions)
      assert.equal(service.spans()[0]?.events.length, exceptions)
      await service.app.close()
    })
})

const RESETS: Readonly<Record<string, (stream: ClientHttp2Stream) => void>> = {
  ...Object.fromEntries(
    (['NGHTTP2_CANCEL', 'NGHTTP2_NO_ERROR', 'NGHTTP2_INTERNAL_ERROR', 'NGHTTP2_REFUSED_STREAM'] as const).map(
      (code) => [`resets its stream with ${code}`, (stream: ClientHttp2Stream) => stream.close(constants[code])],
    ),
  ),
  'ends its session': (stream) => stream.session?.destroy(),
}

for (const [how, leave] of Object.entries(RESETS))
  for (const hasHead of [false, true])
    test(`an HTTP/2 client that ${how} ${hasHead ? 'after' : 'before'} the headers has left`, async () => {
      const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
      const service = await listening((app) => {
        app.get('/x', (_request, reply) => {
          reply.hijack()
          if (hasHead) reply.raw.writeHead(200).write('the start')
          arrive()
        })
      }, http2Instance())
      const session = connectHttp2(service.url).on('error', () => {})
      const stream = session.request({ ':path': '/x' }).on('error', () => {})
      await (hasHead ? once(stream, 'response') : arrived)
      leave(stream)
      assert.deepEqual(await untilLines(service, 1), ['INFO GET /x 499'])
      assert.doesNotMatch(await service.registry.metrics(), /^exceptions_total\{/m)
      session.destroy()
      await service.app.close()
    })

for (const [how, breakOff] of Object.entries({
  'destroys its response': (reply) => void reply.raw.destroy(),
  'resets the stream': (reply) =>
    'stream' in reply.raw &&
    // Fastify's type of a raw reply is that of HTTP/1.
    (reply.raw as unknown as { stream: ClientHttp2Stream }).stream.close(constants.NGHTTP2_INTERNAL_ERROR),
} satisfies Record<string, (reply: FastifyReply) => unknown>))
  test(`a service that ${how} over HTTP/2 has aborted it`, async () => {
    const service = await listening((app) => {
      app.get('/x', async (_request, reply) => {
        reply.hijack().raw.writeHead(200).write('the start')
        await setTimeout(5)
        breakOff(reply)
      })
    }, http2Instance())
    const session = connectHttp2(service.url).on('error', () => {})
    session
      .request({ ':path': '/x' })
      .on('error', () => {})
      .resume()
    assert.deepEqual(await untilLines(service, 2), ['ERROR the service aborted its response', 'INFO GET /x 200'])
    session.destroy()
    await service.app.close()
  })
