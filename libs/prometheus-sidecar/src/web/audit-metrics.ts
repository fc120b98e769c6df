import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { formatCount } from '@node-to-cloud/browser-kit/format/value'
import type { Registry } from '@node-to-cloud/telemetry'
import type { AuditObserver } from '../audit/auditor.ts'
import type { Differences } from '../audit/compare.ts'
import type { Log } from '../log/log.ts'
import { countBy, countOf, Tally } from './tally.ts'

const KINDS = ['missing', 'doubled', 'unexpected', 'wrong'] as const satisfies readonly (keyof Differences)[]
/** This many series are named in the log; the metric counts all. */
const MAX_NAMED = 20

/** Counts the results of audits. */
export class AuditMetrics implements AuditObserver {
  readonly #log: Pick<Log, 'warn'>
  readonly #differences = new Tally<keyof Differences>()
  #samples = 0
  #unanswered = 0
  #named = 0

  constructor(registry: Registry, log: Pick<Log, 'warn'>) {
    this.#log = log
    for (const kind of KINDS) this.#differences.add(kind, 0)
    countBy(registry, 'kind', this.#differences, {
      name: 'prometheus_sidecar_audit_differences',
      help: 'Differences that audits found between the stored points and the samples in Prometheus’ database. Must be 0.',
    })
    countOf(
      registry,
      'prometheus_sidecar_audit_samples',
      'Samples in Prometheus’ database that audits compared with the stored points.',
      () => this.#samples,
    )
    countOf(
      registry,
      'prometheus_sidecar_audit_unanswered_series',
      'Series that could not be audited, because Prometheus did not return their samples.',
      () => this.#unanswered,
    )
  }

  audited({ samples, differences, labels }: Parameters<AuditObserver['audited']>[0]): void {
    this.#samples += samples
    const found = KINDS.filter((kind) => differences[kind] > 0)
    for (const kind of found) this.#differences.add(kind, differences[kind])
    if (found.length === 0 || this.#named >= MAX_NAMED) return
    this.#named += 1
    this.#log.warn(
      { series: labels(), ...differences },
      'The stored points of a series differ from Prometheus’ database; please report it.',
    )
  }

  notAudited(): void {
    this.#unanswered += 1
  }

  /** For the status page. */
  describe(): string {
    const differences = this.#differences.sum()
    return this.#samples === 0
      ? 'none yet'
      : `${formatCount(this.#samples)} ${plural(this.#samples, 'sample')} compared, ${formatCount(differences)} ${plural(differences, 'difference')}`
  }
}
