import type { FastifyInstance, FastifyReply } from 'fastify'
import { RpcError } from '../../api/rpc-error.ts'

/** The source of a stream of server-sent events. */
export interface EventSource {
  readonly event: string
  readonly intervalMs: number
  /** The data of the next event; undefined if there is none. */
  take(): object | undefined
  /** Called when the client has disconnected. */
  close(): void
}

const KEEP_ALIVE_MS = 15_000
const MAX_LISTENERS = 100

/** Server-sent events to a bounded number of clients. Streams end when the server closes. */
export class EventStreams {
  readonly #open = new Set<() => void>()
  #closing = false

  constructor(app: FastifyInstance) {
    app.addHook('preClose', async () => {
      this.#closing = true
      for (const end of this.#open) end()
    })
  }

  /**
   * Responds with the events of the source that `create` returns. Throws RESOURCE_EXHAUSTED if there are too many
   * clients.
   */
  answer(reply: FastifyReply, create: () => EventSource): void {
    if (this.#closing || this.#open.size >= MAX_LISTENERS)
      throw new RpcError('RESOURCE_EXHAUSTED', `At most ${MAX_LISTENERS} clients can listen at a time.`)
    const source = create()
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
    raw.write('retry: 2000\n: hello\n\n')
    let quietMs = 0
    const timer = setInterval(() => {
      // New data stays in the source until a slow client has read the last event, so that nothing is buffered here.
      if (raw.writableNeedDrain) return
      const data = source.take()
      quietMs = data ? 0 : quietMs + source.intervalMs
      if (data) raw.write(`event: ${source.event}\ndata: ${JSON.stringify(data)}\n\n`)
      else if (quietMs % KEEP_ALIVE_MS < source.intervalMs) raw.write(': still here\n\n')
    }, source.intervalMs).unref()
    const end = (): void => {
      if (!this.#open.delete(end)) return
      clearInterval(timer)
      source.close()
      raw.end()
    }
    this.#open.add(end)
    raw.on('close', end)
  }
}
