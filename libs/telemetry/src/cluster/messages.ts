import type { WorkerReport } from './ledger.ts'

/** A message from a worker to its primary. */
export type WorkerMessage =
  /** The worker accepts requests at this URL. */
  | { readonly type: 'telemetry:ready'; readonly url: string }
  /** The worker's event loop is running. */
  | { readonly type: 'telemetry:pulse' }
  /** The worker was asked to exit and is waiting for a replacement. */
  | { readonly type: 'telemetry:retiring' }
  /** The worker can't start; its primary logs the reason. */
  | { readonly type: 'telemetry:failed'; readonly message: string }
  /** `scrape` is the scrape that requested the report; other reports are periodic. */
  | { readonly type: 'telemetry:report'; readonly report: WorkerReport; readonly scrape?: number }

/** A message from the primary to a worker. */
export type PrimaryMessage =
  | { readonly type: 'telemetry:collect'; readonly scrape: number }
  /** Answer the requests in flight, report the totals and exit. */
  | { readonly type: 'telemetry:drain' }

const WORKER_TYPES = new Set([
  ...['telemetry:ready', 'telemetry:pulse', 'telemetry:retiring', 'telemetry:failed', 'telemetry:report'],
])
const PRIMARY_TYPES = new Set(['telemetry:collect', 'telemetry:drain'])

/** Whether a message is one of this library's; services may send their own. */
export function isWorkerMessage(message: unknown): message is WorkerMessage {
  return hasTypeOf(message, WORKER_TYPES)
}

/** Whether a message is one of this library's; services may send their own. */
export function isPrimaryMessage(message: unknown): message is PrimaryMessage {
  return hasTypeOf(message, PRIMARY_TYPES)
}

function hasTypeOf(message: unknown, types: ReadonlySet<string>): boolean {
  return typeof message === 'object' && message !== null && 'type' in message && types.has(String(message.type))
}
