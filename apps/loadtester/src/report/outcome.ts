import type { BoundResult, RunReport } from '../contract/run-report.ts'

/** What decides whether a run passes. */
export interface OutcomeFacts {
  /** Why the run failed as a whole. */
  readonly failure: string | undefined
  readonly bounds: readonly BoundResult[]
  /** Virtual users that failed because of an engine, a processor or a hook. */
  readonly failedUsers: number
  /** Failed requests, if they fail the run. */
  readonly failedRequests: number
  /** What the script set as `artillery.suggestedExitCode`. */
  readonly suggestedExitCode: number
}

/**
 * The verdict and exit code of a run. It fails with 1 if it could not go on, a strict bound is missed, a virtual user
 * failed other than by a request, or a failed request counts; else with the exit code that its script suggests, if any.
 */
export function outcomeOf(facts: OutcomeFacts): Pick<RunReport, 'ok' | 'verdict' | 'exitCode'> {
  const { failure, bounds, failedUsers, failedRequests, suggestedExitCode } = facts
  const isMissed = bounds.some(({ ok, strict }) => strict && !ok)
  const hasFailed = failure !== undefined || isMissed || failedUsers > 0 || failedRequests > 0
  const exitCode = hasFailed ? 1 : suggestedExitCode
  const ok = exitCode === 0
  return { ok, verdict: ok ? (bounds.length === 0 ? 'no bounds' : 'passed') : 'failed', exitCode }
}
