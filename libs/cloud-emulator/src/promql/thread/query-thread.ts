import { MessageChannel, Worker } from 'node:worker_threads'
import { messageOf } from '@node-to-cloud/command-line'
import { SAMPLE_BYTES } from '../../memory-limits.ts'
import type { JobOutcome, QueryJob } from './query-task.ts'
import type { StoreCall } from './store-calls.ts'
import type { StoreReader } from './store-reader.ts'
import { CANCELLED, CONTROL_WORDS, REPLIES, type ThreadData, type ThreadMessage } from './thread-messages.ts'

const MEBIBYTE = 1024 * 1024
/** The heap of a thread without data. */
const BASE_HEAP_MEBIBYTES = 96

interface Running {
  readonly job: QueryJob
  readonly reader: StoreReader
  readonly ended: (outcome: JobOutcome) => void
}

/** The main thread's side of a thread that evaluates one query at a time. The thread starts with its first job. */
export class QueryThread {
  readonly #maxSamples: number
  #worker: Worker | undefined
  #control = new Int32Array(new SharedArrayBuffer(CONTROL_WORDS * 4))
  #replies = new MessageChannel().port1
  #running: Running | undefined

  constructor(maxSamples: number) {
    this.#maxSamples = maxSamples
  }

  /** Runs a job, for which `reader` reads the store. The previous job must have ended. */
  run(job: QueryJob, reader: StoreReader): Promise<JobOutcome> {
    return new Promise((ended) => {
      this.#running = { job, reader, ended }
      const worker = this.#started()
      Atomics.store(this.#control, CANCELLED, 0)
      worker.postMessage(job)
    })
  }

  /** Requests that the job ends soon. */
  cancel(): void {
    Atomics.store(this.#control, CANCELLED, 1)
  }

  /** Terminates the thread and its job immediately. The next job starts a new thread. */
  async terminate(outcome: JobOutcome): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    this.#end(outcome)
    this.#replies.close()
    await worker?.terminate()
  }

  #started(): Worker {
    if (this.#worker !== undefined) return this.#worker
    const { port1, port2 } = new MessageChannel()
    const control = new Int32Array(new SharedArrayBuffer(CONTROL_WORDS * 4))
    this.#replies = port1
    this.#control = control
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const data: ThreadData = { replies: port2, control }
    const worker = new Worker(new URL(`./promql-thread.${extension}`, import.meta.url), {
      workerData: data,
      transferList: [port2],
      resourceLimits: {
        maxOldGenerationSizeMb: BASE_HEAP_MEBIBYTES + Math.ceil((this.#maxSamples * SAMPLE_BYTES) / MEBIBYTE),
      },
    })
    port1.unref()
    worker.unref()
    this.#worker = worker
    worker.on('message', (message: ThreadMessage) => {
      if (worker !== this.#worker) return
      if (message.type === 'ended') this.#end(message.outcome)
      // Not immediately: a thread that sends one request after another would block the event loop.
      else setImmediate(() => this.#reply(worker, message.call))
    })
    worker.on('error', (error: Error & { readonly code?: string }) => {
      if (worker !== this.#worker) return
      this.#worker = undefined
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      this.#end(isMemory ? { kind: 'outOfMemory' } : { kind: 'failed', code: 'INTERNAL', message: messageOf(error) })
    })
    return worker
  }

  #reply(worker: Worker, call: StoreCall): void {
    if (this.#running === undefined || worker !== this.#worker) return
    this.#replies.postMessage(this.#running.reader.reply(call))
    Atomics.add(this.#control, REPLIES, 1)
    Atomics.notify(this.#control, REPLIES)
  }

  #end(outcome: JobOutcome): void {
    const running = this.#running
    this.#running = undefined
    running?.ended(outcome)
  }
}
