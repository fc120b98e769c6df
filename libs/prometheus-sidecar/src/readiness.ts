import type { Source } from './source.ts'
import type { CommitWatch } from './state/commit-watch.ts'
import type { Writer } from './write/writer.ts'

const STALLED_AFTER_MS = 60_000

/** Why the sidecar can't take samples now; none: it can. */
export function readiness(closing: boolean, writer: Writer, source: Source, commits: CommitWatch): string[] {
  if (closing) return ['shutting down']
  const reasons = commits.failure === undefined ? [] : [commits.failure]
  const { failing } = writer.health
  if (failing !== undefined && Date.now() - failing.sinceMs > STALLED_AFTER_MS) {
    reasons.push(`Cloud Monitoring takes nothing since ${new Date(failing.sinceMs).toISOString()}: ${failing.message}`)
  }
  if (source.kind === 'prometheus') {
    const { lastError } = source.directory.health
    if (lastError !== undefined) reasons.push(lastError)
  }
  return reasons
}
