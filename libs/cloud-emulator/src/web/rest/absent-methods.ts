import { RpcError } from '../../api/rpc-error.ts'

interface AbsentMethod {
  readonly form: RegExp
  readonly what: string
  readonly instead: string
}

const ABSENT: readonly AbsentMethod[] = [
  {
    form: /^\/v1\/projects\/[^/]+\/location\/[^/]+\/prometheus(?:\/|$)/,
    what: 'PromQL',
    instead: 'read with GET /v3/projects/P/timeSeries (ListTimeSeries), with a filter, an aligner and a reducer',
  },
  {
    form: /^\/v3\/projects\/[^/]+\/timeSeries:query$/,
    what: 'MQL (timeSeries:query)',
    instead: 'read with GET /v3/projects/P/timeSeries (ListTimeSeries); Google has ended support for MQL',
  },
  {
    form: /^\/v3\/projects\/[^/]+\/(?:alertPolicies|alerts|notificationChannels|snoozes)(?:\/|$)/,
    what: 'Alerting',
    instead:
      'check a policy with gcloud against a project of Google Cloud; its threshold can be drawn in a dashboard here',
  },
  {
    form: /^\/v3\/projects\/[^/]+\/(?:groups|uptimeCheckConfigs|services)(?:\/|$)/,
    what: 'Groups, uptime checks and service monitoring',
    instead: 'they only exist in Google Cloud',
  },
]

/**
 * The answer to a method that the emulator lacks: UNIMPLEMENTED with an alternative, or NOT_FOUND if Google's APIs lack
 * it too.
 */
export function absentMethod(method: string, path: string): RpcError {
  const absent = ABSENT.find(({ form }) => form.test(path))
  return absent
    ? new RpcError('UNIMPLEMENTED', `${absent.what} is not implemented by this emulator: ${absent.instead}.`)
    : new RpcError('NOT_FOUND', `There is no method ${method} ${path}.`)
}
