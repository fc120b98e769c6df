import { formatCount } from '@node-to-cloud/browser-kit/format/value'
import type { Registry } from '@node-to-cloud/telemetry'
import type { AuditObserver } from '../audit/auditor.ts'
import type { Differences } from '../audit/compare.ts'
import type { Log } from '../log/log.ts'
import { countBy, countOf, Tally } from './tally.ts'

const KINDS = ['missing', 'doubled', 'unexpected', 'wrong'] as const satisfies readonly (keyof Differences)[]
/** So many series are named in the log; the metric counts all. */
const MAX_NAMED = 20

/** Counts what audits find. */
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
      help: 'Differences that audits found between the points stored and the samples in Prometheus’ database. Must be 0.',
    })
    countOf(
      registry,
      'prometheus_sidecar_audit_samples',
      'Samples in Prometheus’ database that audits compared with the points stored.',
      () => this.#samples,
    )
    countOf(
      registry,
      'prometheus_sidecar_audit_unanswered_series',
      'Series that could not be audited, since Prometheus did not say what samples they have.',
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
      'What is stored of a series differs from Prometheus’ database; please report it.',
    )
  }

  notAudited(): void {
    this.#unanswered += 1
  }

  /** For the status page. */
  describe(): string {
    const differences = formatCount(this.#differences.sum())
    return this.#samples === 0
      ? 'none yet'
      : `${formatCount(this.#samples)} samples compared, ${differences} differences`
  }
}
