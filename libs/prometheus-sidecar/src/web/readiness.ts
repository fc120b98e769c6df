import type { DropReason } from '../convert/drop-reason.ts'
import type { CommitWatch } from '../state/commit-watch.ts'
import type { Writer } from '../write/writer.ts'

const STALLED_AFTER_MS = 60_000

/** Why the sidecar can't accept samples now; empty if it can. */
export function readiness(parts: {
  readonly closing: boolean
  readonly writer: Pick<Writer, 'health'>
  readonly commits: Pick<CommitWatch, 'failure'>
  readonly metrics: { readonly storedPoints: number; readonly dropped: ReadonlyMap<DropReason, number> }
  readonly election?: { readonly problem: string | undefined } | undefined
  readonly sourceProblems: readonly string[]
}): string[] {
  if (parts.closing) return ['shutting down']
  const reasons = parts.commits.failure === undefined ? [] : [parts.commits.failure]
  const { failing } = parts.writer.health
  if (failing !== undefined && Date.now() - failing.sinceMs > STALLED_AFTER_MS) {
    const since = new Date(failing.sinceMs).toISOString()
    reasons.push(`Cloud Monitoring has accepted nothing since ${since}: ${failing.message}`)
  }
  if (parts.election?.problem !== undefined) reasons.push(parts.election.problem)
  const { storedPoints, dropped } = parts.metrics
  if (storedPoints === 0 && dropped.has('unknown_resource')) {
    reasons.push(
      'no target has a monitored resource; outside Kubernetes, set --stackdriver.generic.location and --stackdriver.generic.namespace',
    )
  }
  if (storedPoints === 0 && dropped.has('refused')) {
    reasons.push('Cloud Monitoring has refused every point so far; the log has its reason')
  }
  return [...reasons, ...parts.sourceProblems]
}
