import type { FastifyInstance } from 'fastify'
import { RpcError } from '../api/rpc-error.ts'
import type { FaultInjector } from '../faults/fault-injector.ts'
import { requireLoopback } from './guard.ts'

/** `GET`, `POST` and `DELETE /faults`: faults on demand for tests, from this machine only. */
export function registerFaultRoutes(app: FastifyInstance, faults: FaultInjector): void {
  app.get('/faults', async (request) => {
    requireLoopback(request)
    return { faults: faults.list() }
  })
  app.post('/faults', async (request, reply) => {
    requireLoopback(request)
    return reply.code(201).send(faults.add(request.body))
  })
  app.delete('/faults', async (request) => {
    requireLoopback(request)
    return { deleted: faults.delete() }
  })
  app.delete<{ Params: { id: string } }>('/faults/:id', async (request) => {
    requireLoopback(request)
    if (faults.delete(Number(request.params.id)) === 0)
      throw new RpcError('NOT_FOUND', `There is no fault ${request.params.id}.`)
    return { deleted: 1 }
  })
}
