import type { FastifyInstance } from 'fastify'
import { invalidArgument } from '../api/rpc-error.ts'
import type { EmulatorState } from '../emulator-state.ts'
import { checkedTimeMs, readTimeMs } from './api/parameters.ts'
import { requireLoopback } from './guard.ts'

/**
 * `POST /reset` and `POST /clock`: for tests to use between cases, from this machine only. A clock that is set stops
 * until it is set again; an empty object lets it run again. Alert policies are evaluated for the time in between.
 */
export function registerTestControlRoutes(app: FastifyInstance, state: EmulatorState): void {
  app.post('/reset', async (request) => {
    requireLoopback(request)
    await state.reset()
    return {}
  })
  app.post('/clock', async (request) => {
    requireLoopback(request)
    const { body } = request
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw invalidArgument('(body) must be a JSON object.')
    const { time, advanceMs, ...unknown } = body as { time?: unknown; advanceMs?: unknown }
    const [field] = Object.keys(unknown)
    if (field !== undefined) throw invalidArgument(`Unknown field ${field}; time and advanceMs are allowed.`)
    if (time !== undefined && advanceMs !== undefined)
      throw invalidArgument('Either time or advanceMs is allowed, not both.')
    if (time !== undefined) state.clock.set(readTimeMs(time, 'time'))
    else if (advanceMs !== undefined)
      state.clock.set(checkedTimeMs(state.nowMs() + checkedMilliseconds(advanceMs), 'advanceMs'))
    else state.clock.run()
    await state.alerting.catchUp()
    return { nowMs: state.nowMs(), stands: state.clock.stands }
  })
}

function checkedMilliseconds(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw invalidArgument(`Field advanceMs had an invalid value of "${String(value)}": A number from 0 is allowed.`)
}
