import type { JobOutcome, QueryTask } from './query-task.ts'
import { QueryThread } from './query-thread.ts'
import type { StoreReader } from './store-reader.ts'

/** How much longer than allowed a query may go on before its thread is ended. */
const GRACE_MS = 5000

/** A task, and what it may take. */
export interface LaneJob {
  readonly task: QueryTask
  readonly reader: StoreReader
  readonly maxSamples: number
  /** When it has to end, by the clock of `performance.now`. */
  readonly deadlineMs: number
  /** How long its evaluation may take. */
  readonly evaluationMs: number
  readonly isTrial: boolean
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal | undefined
}

/** A line of jobs before a thread: the first to come is the first to be done. */
export class QueryLane {
  readonly #thread: QueryThread
  /** Called with undefined when a job's turn has come, else with how it ended in the line. */
  readonly #line: ((outcome: JobOutcome | undefined) => void)[] = []
  #isBusy = false

  constructor(maxSamples: number) {
    this.#thread = new QueryThread(maxSamples)
  }

  /** Does a job when those before it are done. */
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
