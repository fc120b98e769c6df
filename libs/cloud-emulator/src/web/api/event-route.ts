import type { FastifyInstance } from 'fastify'
import type { InUrl } from '../../contract/endpoints.ts'
import type { ChangeEvent } from '../../contract/summary.ts'
import type { EmulatorState } from '../../emulator-state.ts'
import type { EventStreams } from './event-streams.ts'
import { projectParameter } from './parameters.ts'

const INTERVAL_MS = 1000

/** `GET /api/events`: server-sent events that say what was written, at most one a second. */
export function registerEventRoute(app: FastifyInstance, state: EmulatorState, streams: EventStreams): void {
  app.get<{ Querystring: InUrl<object> }>('/api/events', (request, reply) => {
    const projectId = projectParameter(request.query, state)
    streams.answer(reply, () => {
      const subscription = state.changes.subscribe(projectId)
      let seq = 0
      return {
        event: 'change',
        intervalMs: INTERVAL_MS,
        take(): ChangeEvent | undefined {
          const changes = subscription.take()
          return changes && { seq: ++seq, ...changes }
        },
        close: () => state.changes.unsubscribe(subscription),
      }
    })
  })
}
