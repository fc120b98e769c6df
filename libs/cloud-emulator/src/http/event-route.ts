import type { FastifyInstance } from 'fastify'
import type { EmulatorState } from '../emulator.ts'
import { RpcError } from '../rpc/status.ts'
import { projectParameter } from './api-parameters.ts'

const EVERY_MS = 1000
const KEEP_OPEN_MS = 15_000
const MAX_LISTENERS = 100

/** `GET /api/events`: server-sent events that say what was written, at most one a second. */
export function registerEventRoute(app: FastifyInstance, state: EmulatorState): void {
  let closing = false
  const open = new Set<() => void>()
  app.addHook('preClose', async () => {
    closing = true
    for (const end of open) end()
  })
  app.get('/api/events', (request, reply) => {
    const projectId = projectParameter(request.query, state)
    if (closing || state.changes.size >= MAX_LISTENERS)
      throw new RpcError('RESOURCE_EXHAUSTED', `At most ${MAX_LISTENERS} can listen at a time.`)
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
    raw.write('retry: 2000\n: hello\n\n')
    const subscription = state.changes.subscribe(projectId)
    let seq = 0
    let quietMs = 0
    const timer = setInterval(() => {
      // Whoever does not read gets the sum of it later: nothing piles up here.
      if (raw.writableNeedDrain) return
      const changes = subscription.take()
      quietMs = changes ? 0 : quietMs + EVERY_MS
      if (changes) raw.write(`event: change\ndata: ${JSON.stringify({ seq: ++seq, ...changes })}\n\n`)
      else if (quietMs % KEEP_OPEN_MS === 0) raw.write(': still here\n\n')
    }, EVERY_MS).unref()
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
