import type { Worker } from 'node:cluster'
import type { Logger } from '../logs/logger.ts'
import type { Handoffs } from '../node-internals/handoffs.ts'
import type { Place } from '../node-internals/kept-place.ts'
import type { PrimaryMessage } from './messages.ts'

/** The state of a worker; `ready` ones accept requests. */
export type WorkerState = 'starting' | 'ready' | 'draining'

/** A worker of a cluster, as its supervisor sees it. */
export interface Member {
  readonly worker: Worker
  readonly handoffs: Handoffs
  readonly place: Place
  readonly ended: Promise<void>
  state: WorkerState
  readyAt: number
  /** Why it died or was killed, if known. */
  failure: string | undefined
  /** While a replacement is being started: whether it became ready. */
  replaced: Promise<boolean> | undefined
}

/** Lets a worker answer its requests and exit; kills it after `timeoutMs`. */
export async function drain(member: Member, timeoutMs: number, logger: Pick<Logger, 'error'>): Promise<void> {
  const { worker } = member
  const wasStarting = member.state === 'starting'
  member.state = 'draining'
  if (wasStarting || !send(worker, { type: 'telemetry:drain' })) worker.process.kill('SIGTERM')
  const timer = setTimeout(() => {
    logger.error(
      { workerPid: worker.process.pid, timeoutMs },
      'A worker did not drain in time and is killed; its requests are lost.',
    )
    worker.process.kill('SIGKILL')
  }, timeoutMs)
  await member.ended
  clearTimeout(timer)
}

/** Kills a worker that hangs while starting, which would block a rolling restart forever. */
export function limitStart(member: Member, timeoutMs: number): void {
  const timer = setTimeout(() => {
    if (member.state !== 'starting') return
    member.failure = `it was not ready after ${timeoutMs / 1000} s`
    member.worker.process.kill('SIGKILL')
  }, timeoutMs)
  timer.unref()
  void member.ended.then(() => clearTimeout(timer))
}

/** How a worker ended, such as `signal SIGKILL: it was not ready after 60 s`. */
export function describeEnd({ worker, failure }: Member): string {
  const { exitCode, signalCode } = worker.process
  const cause = signalCode === null ? `exit code ${exitCode}` : `signal ${signalCode}`
  return failure === undefined ? cause : `${cause}: ${failure}`
}

/** @returns whether the worker is still connected */
export function send(worker: Worker, message: PrimaryMessage): boolean {
  if (!worker.isConnected()) return false
  worker.send(message, undefined, () => {})
  return true
}
