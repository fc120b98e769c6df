import type { MessagePort } from 'node:worker_threads'
import type { JobOutcome } from './query-task.ts'
import type { StoreCall } from './store-calls.ts'

/** What a thread is started with. */
export interface ThreadData {
  /** Where the answers to its calls come. */
  readonly replies: MessagePort
  readonly control: Int32Array<SharedArrayBuffer>
}

/** The words of `control`: how many replies were sent, and whether the job is wanted no more. */
export const REPLIES = 0
export const CANCELLED = 1
export const CONTROL_WORDS = 2

/** What a thread says. */
export type ThreadMessage =
  | { readonly type: 'call'; readonly call: StoreCall }
  | { readonly type: 'ended'; readonly outcome: JobOutcome }
