import type { JobOutcome, QueryTask } from './query-task.ts'
import { QueryThread } from './query-thread.ts'
import type { StoreReader } from './store-reader.ts'

/** How far a query may exceed its timeout before its thread is terminated. */
const GRACE_MS = 5000

/** A task and its limits. */
export interface LaneJob {
  readonly task: QueryTask
  readonly reader: StoreReader
  readonly maxSamples: number
  /** Its deadline, by the clock of `performance.now`. */
  readonly deadlineMs: number
  /** The maximum duration of its evaluation. */
  readonly evaluationMs: number
  readonly isTrial: boolean
  /** Aborted when nobody is waiting for the result any more. */
  readonly signal: AbortSignal | undefined
}

/** A queue of jobs for a thread, in order of arrival. */
export class QueryLane {
  readonly #thread: QueryThread
  /** Called with undefined when it is a job's turn, otherwise with how it ended in the queue. */
  readonly #line: ((outcome: JobOutcome | undefined) => void)[] = []
  #isBusy = false

  constructor(maxSamples: number) {
    this.#thread = new QueryThread(maxSamples)
  }

  /** Runs a job after those before it. */
  async run(job: LaneJob): Promise<JobOutcome> {
    const left = await this.#turn(job)
    if (left !== undefined) return left
    try {
      return await this.#evaluate(job)
    } finally {
      const next = this.#line.shift()
      if (next === undefined) this.#isBusy = false
      else next(undefined)
    }
  }

  /** Ends the thread and all jobs. */
  async close(): Promise<void> {
    for (const leave of this.#line.splice(0)) leave({ kind: 'cancelled' })
    await this.#thread.terminate({ kind: 'cancelled' })
  }

  #turn({ deadlineMs, signal }: LaneJob): Promise<JobOutcome | undefined> {
    if (signal?.aborted) return Promise.resolve({ kind: 'cancelled' })
    if (!this.#isBusy) {
      this.#isBusy = true
      return Promise.resolve(undefined)
    }
    return new Promise((resolve) => {
      const settle = (outcome: JobOutcome | undefined): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', cancel)
        const at = this.#line.indexOf(settle)
        if (at >= 0) this.#line.splice(at, 1)
        resolve(outcome)
      }
      const cancel = () => settle({ kind: 'cancelled' })
      const late = () => settle({ kind: 'timedOut', where: 'query queue' })
      const timer = setTimeout(late, Math.max(0, deadlineMs - performance.now()))
      signal?.addEventListener('abort', cancel)
      this.#line.push(settle)
    })
  }

  async #evaluate({
    task,
    reader,
    maxSamples,
    deadlineMs,
    evaluationMs,
    isTrial,
    signal,
  }: LaneJob): Promise<JobOutcome> {
    const timeoutMs = Math.max(0, Math.min(evaluationMs, deadlineMs - performance.now()))
    const thread = this.#thread
    const end = () => void thread.terminate({ kind: 'timedOut', where: 'expression evaluation' })
    let timer = setTimeout(end, timeoutMs + GRACE_MS)
    const cancel = () => {
      thread.cancel()
      clearTimeout(timer)
      timer = setTimeout(end, GRACE_MS)
    }
    signal?.addEventListener('abort', cancel)
    try {
      const outcome = await thread.run({ task, limits: { maxSamples, timeoutMs }, isTrial }, reader)
      return signal?.aborted ? { kind: 'cancelled' } : outcome
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', cancel)
    }
  }
}
