import type { WorkerReport } from './ledger.ts'

/** What a worker tells its primary. */
export type WorkerMessage =
  /** The worker takes requests, at this URL. */
  | { readonly type: 'telemetry:ready'; readonly url: string }
  /** The worker was asked to end, and wants to be replaced before. */
  | { readonly type: 'telemetry:retiring' }
  /** The worker can't start; its primary says why if it gives up. */
  | { readonly type: 'telemetry:failed'; readonly message: string }
  /** `scrape` is the scrape that asked for the report; the others come by themselves. */
  | { readonly type: 'telemetry:report'; readonly report: WorkerReport; readonly scrape?: number }

/** What the primary tells a worker. */
export type PrimaryMessage =
  | { readonly type: 'telemetry:collect'; readonly scrape: number }
  /** Answer what is in hand, hand the counts over and end. */
  | { readonly type: 'telemetry:drain' }

const WORKER_TYPES = new Set(['telemetry:ready', 'telemetry:retiring', 'telemetry:failed', 'telemetry:report'])
const PRIMARY_TYPES = new Set(['telemetry:collect', 'telemetry:drain'])

/** Whether a message on the channel is one of this package's, and not the service's own. */
export function isWorkerMessage(message: unknown): message is WorkerMessage {
  return hasTypeOf(message, WORKER_TYPES)
}

/** Whether a message on the channel is one of this package's, and not the service's own. */
export function isPrimaryMessage(message: unknown): message is PrimaryMessage {
  return hasTypeOf(message, PRIMARY_TYPES)
}

function hasTypeOf(message: unknown, types: ReadonlySet<string>): boolean {
  return typeof message === 'object' && message !== null && 'type' in message && types.has(String(message.type))
}
