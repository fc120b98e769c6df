import type { MessagePort } from 'node:worker_threads'
import type { JobOutcome } from './query-task.ts'
import type { StoreCall } from './store-calls.ts'

/** The data that a thread is started with. */
export interface ThreadData {
  /** The port for replies to its calls. */
  readonly replies: MessagePort
  readonly control: Int32Array<SharedArrayBuffer>
}

/** The elements of `control`: how many replies were sent, and whether the job was canceled. */
export const REPLIES = 0
export const CANCELLED = 1
export const CONTROL_WORDS = 2

/** The messages of a thread. */
export type ThreadMessage =
  | { readonly type: 'call'; readonly call: StoreCall }
  | { readonly type: 'ended'; readonly outcome: JobOutcome }
