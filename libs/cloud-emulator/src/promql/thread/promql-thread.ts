import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { JobOutcome, QueryJob } from './query-task.ts'
import { runTask } from './run-task.ts'
import type { StoreCall, StoreReply } from './store-calls.ts'
import { StoreClient } from './store-client.ts'
import { CANCELLED, REPLIES, type ThreadData, type ThreadMessage } from './thread-messages.ts'

// The data that a thread is started with.
const { replies, control }: ThreadData = workerData

parentPort?.on('message', (job: QueryJob) => {
  const outcome = run(job)
  const isReply = outcome.kind === 'answered' && outcome.answer.kind === 'api'
  post({ type: 'ended', outcome }, isReply ? [outcome.answer.reply.body.buffer] : [])
})

function run({ task, limits, isTrial }: QueryJob): JobOutcome {
  const now = () => (Atomics.load(control, CANCELLED) === 0 ? Date.now() : Number.POSITIVE_INFINITY)
  const source = new StoreClient({ call, now, deadlineMs: Date.now() + limits.timeoutMs })
  return runTask(task, { source, limits, isTrial, now })
}

/** Sends a request to the main thread and waits for its response. */
function call(wanted: StoreCall): StoreReply {
  const seen = Atomics.load(control, REPLIES)
  post({ type: 'call', call: wanted })
  Atomics.wait(control, REPLIES, seen)
  const received: { readonly message: StoreReply } | undefined = receiveMessageOnPort(replies)
  if (received === undefined) throw new Error('The store has not responded.')
  return received.message
}

function post(message: ThreadMessage, moved: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, moved)
}
