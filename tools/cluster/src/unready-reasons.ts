import type { Kubectl } from './kubectl.ts'
import { isReady, type Pod } from './pod.ts'

interface ClusterEvent {
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly lastTimestamp?: string | null
  readonly involvedObject: { readonly name: string }
}

const EVENTS = 5

/** Why pods are not ready, as far as the cluster says: their states, and the newest warnings of their namespace. */
export async function unreadyReasons(kubectl: Kubectl, pods: readonly Pod[]): Promise<string[]> {
  const waiting = pods.filter((pod) => !isReady(pod))
  const states = waiting.map(({ metadata, status }) => {
    const containers = (status.containerStatuses ?? []).map(
      ({ name, ready, restartCount, state }) =>
        `${name} ${ready ? 'ready' : JSON.stringify(state)}${restartCount > 0 ? `, restarted ${restartCount} times` : ''}`,
    )
    const conditions = (status.conditions ?? []).filter(({ status, message }) => status !== 'True' && message)
    return `${metadata.name} ${status.phase}: ${[...containers, ...conditions.map(({ message }) => message)].join(', ')}`
  })
  const { items } = await kubectl.json<{ items: ClusterEvent[] }>('get', 'events')
  const warnings = items
    .filter(({ type }) => type === 'Warning')
    .sort((a, b) => (a.lastTimestamp ?? '').localeCompare(b.lastTimestamp ?? ''))
    .slice(-EVENTS)
    .map(({ involvedObject, reason, message }) => `${involvedObject.name} ${reason}: ${message}`)
  return [...states, ...warnings]
}
