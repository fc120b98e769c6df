import type { FastifyInstance } from 'fastify'
import { RpcError } from '../../api/rpc-error.ts'
import type { InUrl } from '../../contract/endpoints.ts'
import type { ChangeEvent } from '../../contract/summary.ts'
import type { EmulatorState } from '../../emulator-state.ts'
import { projectParameter } from './parameters.ts'

const INTERVAL_MS = 1000
const KEEP_ALIVE_MS = 15_000
const MAX_LISTENERS = 100

/** `GET /api/events`: server-sent events that say what was written, at most one a second. */
export function registerEventRoute(app: FastifyInstance, state: EmulatorState): void {
  let closing = false
  const open = new Set<() => void>()
  app.addHook('preClose', async () => {
    closing = true
    for (const end of open) end()
  })
  app.get<{ Querystring: InUrl<object> }>('/api/events', (request, reply) => {
    const projectId = projectParameter(request.query, state)
    if (closing || state.changes.size >= MAX_LISTENERS)
      throw new RpcError('RESOURCE_EXHAUSTED', `At most ${MAX_LISTENERS} clients can listen at a time.`)
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
    raw.write('retry: 2000\n: hello\n\n')
    const subscription = state.changes.subscribe(projectId)
    let seq = 0
    let quietMs = 0
    const timer = setInterval(() => {
      // Changes stay in the subscription until a slow client has read the last event, so nothing piles up here.
      if (raw.writableNeedDrain) return
      const changes = subscription.take()
      quietMs = changes ? 0 : quietMs + INTERVAL_MS
      if (changes) {
        const event: ChangeEvent = { seq: ++seq, ...changes }
        raw.write(`event: change\ndata: ${JSON.stringify(event)}\n\n`)
      } else if (quietMs % KEEP_ALIVE_MS === 0) raw.write(': still here\n\n')
    }, INTERVAL_MS).unref()
    const end = (): void => {
      clearInterval(timer)
      state.changes.unsubscribe(subscription)
      open.delete(end)
      raw.end()
    }
    open.add(end)
    raw.on('close', end)
  })
}
