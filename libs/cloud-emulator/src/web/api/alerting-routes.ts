import type { FastifyInstance, FastifyRequest } from 'fastify'
import { policyFromJson } from '../../alerting/policies/load-policies.ts'
import { checkedProjectId } from '../../api/resource-name.ts'
import { invalidArgument } from '../../api/rpc-error.ts'
import type { PolicyTestAnswer } from '../../contract/alerting.ts'
import type { EmulatorState } from '../../emulator-state.ts'
import { incidentView } from './alerting-view.ts'
import { readTimeMs } from './parameters.ts'

/** `POST /api/alerting/test-policy` and `POST /api/alerting/test-channel`. */
export function registerAlertingRoutes(app: FastifyInstance, state: EmulatorState): void {
  const { alerting } = state
  app.post('/api/alerting/test-policy', async (request): Promise<PolicyTestAnswer> => {
    const { project, policy, startTime, endTime } = readBody(request, ['project', 'policy', 'startTime', 'endTime'])
    const projectId = checkedProjectId(typeof project === 'string' ? project : state.project)
    const startMs = readTimeMs(startTime, 'startTime')
    const endMs = endTime === undefined ? state.nowMs() : readTimeMs(endTime, 'endTime')
    const { incidents, evaluations, selected } = await alerting.testPolicy(projectId, policyFromJson(policy), {
      fromMicros: startMs * 1000,
      toMicros: endMs * 1000,
    })
    return { incidents: incidents.map(incidentView), startMs, endMs, evaluations, selected }
  })
  app.post('/api/alerting/test-channel', async (request) => {
    const { name } = readBody(request, ['name'])
    const channel = alerting.channels.get(String(name))
    alerting.notifier.test(channel.name.split('/')[1] ?? '', channel)
    return {}
  })
}

function readBody(request: FastifyRequest, names: readonly string[]): Record<string, unknown> {
  const { body } = request
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalidArgument('(body) must be a JSON object.')
  const fields = Object.fromEntries(Object.entries(body))
  const unknown = Object.keys(fields).find((field) => !names.includes(field))
  if (unknown !== undefined) throw invalidArgument(`Unknown field ${unknown}; ${names.join(', ')} are allowed.`)
  return fields
}
