import { asRecord } from '../script/plain-object.ts'

/** The state of the pod that runs a test. */
export type PodState =
  | { readonly is: 'waiting'; readonly why: string }
  /** It will not start without a change. */
  | { readonly is: 'stuck'; readonly why: string }
  | { readonly is: 'started'; readonly pod: string }
  | { readonly is: 'ended'; readonly pod: string; readonly exitCode: number }

const HOPELESS: readonly string[] = [
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
]

/** Reads what `kubectl get pods --output=json` says of the pod of a test. */
export function podStateOf(list: unknown): PodState {
  const items = asRecord(list)?.items
  const pods = Array.isArray(items) ? items : []
  const pod = asRecord(pods.at(-1))
  const name = asRecord(pod?.metadata)?.name
  if (typeof name !== 'string') return { is: 'waiting', why: 'its pod is not created yet' }
  const status = asRecord(pod?.status)
  const containers = Array.isArray(status?.containerStatuses) ? status.containerStatuses : []
  const state = asRecord(asRecord(containers[0])?.state)
  const terminated = asRecord(state?.terminated)
  if (terminated !== undefined) return { is: 'ended', pod: name, exitCode: Number(terminated.exitCode ?? 1) }
  if (state?.running !== undefined) return { is: 'started', pod: name }
  if (status?.phase === 'Failed') return { is: 'stuck', why: `${status.reason ?? 'Failed'}: ${status.message ?? ''}` }
  const waiting = asRecord(state?.waiting)
  if (waiting !== undefined) {
    const why = [waiting.reason, waiting.message].filter((part) => typeof part === 'string').join(': ')
    return { is: HOPELESS.includes(String(waiting.reason)) ? 'stuck' : 'waiting', why }
  }
  const conditions = Array.isArray(status?.conditions) ? status.conditions.map((one) => asRecord(one)) : []
  const unscheduled = conditions.find((one) => one?.type === 'PodScheduled' && one.status === 'False')
  return { is: 'waiting', why: String(unscheduled?.message ?? 'its pod is being started') }
}
