import { messageOf } from '@node-to-cloud/command-line'
import type { Drop } from '../../convert/drop-reason.ts'
import { FORMATS } from '../../convert/formats/formats.ts'
import type { TypeLookup } from '../../convert/formats/metrics-format.ts'
import { isDrop, planSeries, type SeriesPlan } from '../../convert/plan-series.ts'
import { debug } from '../../log/debug-log.ts'
import { RetryLaterError } from '../../model/ingester.ts'
import { withExternalLabels, withoutExternalLabels } from '../../model/labels/external-labels.ts'
import { decodeLabels, encodeLabels, type Labels, METRIC_NAME } from '../../model/labels/labels.ts'
import type { MetricMetadata, MetricType } from '../../model/metadata.ts'
import type { Target } from '../../model/target.ts'
import { type MissingSeries, type TargetDirectory, TargetsUnavailableError } from '../../targets/target-directory.ts'
import { scrapeIntervalMs } from '../gap-detection.ts'
import type { IngestContext } from '../ingest-context.ts'
import { same } from '../samples/series-interval.ts'
import type { SeriesEntry } from '../series/series-entry.ts'
import type { SeriesTable } from '../series/series-table.ts'
import type { CounterNames } from './counter-names.ts'
import { SentTypes, sentTypeOf } from './sent-types.ts'
import { inheritState } from './series-moves.ts'
import type { SeriesPlacement } from './series-placement.ts'

/** Options of {@link SeriesPlanner}. */
export interface SeriesPlannerOptions {
  readonly table: SeriesTable<SeriesEntry>
  readonly placement: SeriesPlacement
  readonly targets: TargetDirectory
  readonly counterNames: CounterNames
  /** Limit of the metric families whose types come without a target. */
  readonly maxFamilies: number
}

/** Plans what each series becomes, by its target and its type: when it appears, and when these change. */
export class SeriesPlanner {
  readonly #context: IngestContext
  readonly #options: SeriesPlannerOptions
  readonly #untargetedTypes = new Map<string, MetricType>()
  readonly #sentTypes: SentTypes
  /** Series of the last run whose target is still unknown. */
  readonly #unplanned = new Set<SeriesEntry>()
  #plannedGeneration = -1

  constructor(context: IngestContext, options: SeriesPlannerOptions) {
    this.#context = context
    this.#options = options
    this.#sentTypes = new SentTypes(options.maxFamilies)
  }

  /** Adds metadata that names no target: it is used where the target's own is unknown. */
  addMetadata(metadata: readonly MetricMetadata[]): void {
    let changed = false
    for (const { family, type } of metadata) {
      if (this.#untargetedTypes.get(family) === type) continue
      if (this.#untargetedTypes.size >= this.#options.maxFamilies && !this.#untargetedTypes.has(family)) continue
      this.#untargetedTypes.set(family, type)
      changed = true
    }
    if (!changed) return
    for (const entry of this.#options.table.values())
      if (entry.drop?.drop === 'metadata_not_found') entry.generation = -1
  }

  /** Records the type that was sent with the samples of a series: it is used where the target's own is unknown. */
  learnType(entry: SeriesEntry, type: MetricType): void {
    entry.sentType = type
    this.#sentTypes.learn(entry.labels, type)
    if (entry.drop?.drop === 'metadata_not_found') entry.generation = -1
  }

  /** Plans series whose plan is missing or may be outdated; requests missing targets and metadata. */
  async plan(entries: ReadonlySet<SeriesEntry>): Promise<void> {
    const { targets } = this.#options
    for (const entry of entries) {
      if (!isNew(entry)) continue
      await targets.checkConfig()
      break
    }
    const missing = this.#planFromCache(entries, { requested: false })
    debug('planned %d series; the target or type of %d is unknown', entries.size, missing.length)
    if (missing.length > 0) {
      try {
        await targets.refresh(missing)
      } catch (cause) {
        for (const entry of entries) if (entry.drop !== undefined) entry.generation = -1
        if (!(cause instanceof TargetsUnavailableError)) throw cause
        throw new RetryLaterError('targets', cause.message, { cause })
      }
      this.#planFromCache(entries, { requested: true })
    }
    if (this.#unplanned.size > 0 && this.#plannedGeneration !== targets.generation) {
      this.#planFromCache(this.#unplanned, { requested: true })
    }
    this.#plannedGeneration = targets.generation
  }

  /** Plans the series of the last run, as far as their targets are already known. */
  restore(entries: Iterable<SeriesEntry>): void {
    for (const entry of entries) this.#unplanned.add(entry)
    this.#planFromCache(this.#unplanned, { requested: false })
    // Whatever is still missing is requested once samples arrive.
    for (const entry of this.#unplanned) if (entry.drop !== undefined) entry.generation = -1
  }

  forget(entry: SeriesEntry): void {
    this.#unplanned.delete(entry)
  }

  /**
   * Returns what is missing to plan the rest. `requested`: it was already requested, so metadata that names no target
   * may be used instead.
   */
  #planFromCache(entries: ReadonlySet<SeriesEntry>, { requested }: { readonly requested: boolean }): MissingSeries[] {
    const { targets } = this.#options
    const missing: MissingSeries[] = []
    for (const entry of entries) {
      // A resent sample is looked for in the queue that its first copy is in.
      if (isPending(entry) || (entry.twin !== undefined && isPending(entry.twin))) continue
      let labels: Labels
      try {
        labels = decodeLabels(entry.labels)
      } catch (error) {
        const drop: Drop = { drop: 'labels_invalid', detail: messageOf(error), invalid: true }
        this.#options.placement.install(entry, drop, { labels: undefined })
        entry.generation = targets.generation
        continue
      }
      const former = isNew(entry) ? this.#former(entry, labels) : undefined
      if (former !== undefined) inheritState(entry, former)
      const target = targets.find(withoutExternalLabels(labels, this.#context.rules))
      const isNative = entry.native !== undefined
      let planned = this.#planBy((family) => targets.typeOf(target, family), labels, target, isNative)
      if (needsMetadata(planned.plan)) {
        const untargeted = this.#planBy(
          (family) =>
            sentTypeOf(entry.sentType, family, labels) ??
            this.#sentTypes.ofStart(family, labels) ??
            this.#untargetedTypes.get(family),
          labels,
          target,
          isNative,
        )
        if (!needsMetadata(untargeted.plan)) {
          if (!requested) missing.push({ labels, target })
          if (!requested && entry.role === undefined) continue
          planned = untargeted
        } else if (requested && FORMATS[this.#context.rules.format].acceptsUntyped) {
          planned = this.#planBy(
            (family) => (family === labels.get(METRIC_NAME) ? 'unknown' : undefined),
            labels,
            target,
            isNative,
          )
        }
      } else if (planned.familyType === 'counter') {
        this.#options.counterNames.note(labels.get(METRIC_NAME) ?? '', planned.byFullName ? 'full' : 'family')
      }
      const { plan, familyType, byFullName } = planned
      const isSame =
        entry.generation >= 0 &&
        entry.target === target &&
        entry.familyType === familyType &&
        entry.byFullName === byFullName &&
        entry.drop === undefined
      if (entry.target !== target || Number.isNaN(entry.intervalMs)) entry.intervalMs = scrapeIntervalMs(target)
      entry.target = target
      entry.familyType = familyType
      entry.byFullName = byFullName
      entry.generation = targets.generation
      if (!isSame) this.#options.placement.install(entry, plan, { labels, predecessor: former?.output })
      if (needsMetadata(plan) || (isDrop(plan) && plan.drop === 'target_not_found')) {
        missing.push({ labels, target })
      } else this.#unplanned.delete(entry)
    }
    return missing
  }

  /** The same series under the external labels that Prometheus had before. */
  #former(entry: SeriesEntry, labels: Labels): SeriesEntry | undefined {
    const { rules } = this.#context
    if (rules.formerExternalLabels.length === 0) return undefined
    const own = withoutExternalLabels(labels, rules)
    for (const external of rules.formerExternalLabels) {
      const former = this.#options.table.get(encodeLabels(withExternalLabels(own, external)))
      if (former !== undefined && former !== entry && former.role !== undefined && !Number.isNaN(former.lastMs))
        return former
    }
    return undefined
  }

  #planBy(typeOf: TypeLookup, labels: Labels, target: Target | undefined, isNative: boolean): Planned {
    let familyType: MetricType | undefined
    let byFullName = false
    const plan = planSeries(
      labels,
      target,
      (family) => {
        familyType = typeOf(family)
        byFullName = family === labels.get(METRIC_NAME)
        return familyType
      },
      this.#context.rules,
      { isNative, counterForm: (name) => this.#options.counterNames.get(name) },
    )
    return { plan, familyType, byFullName }
  }
}

/** A plan, and the metadata it is based on. */
interface Planned {
  readonly plan: SeriesPlan | Drop
  readonly familyType: MetricType | undefined
  readonly byFullName: boolean
}

function isNew({ generation, id, reachedMs }: SeriesEntry): boolean {
  return generation < 0 && id < 0 && Number.isNaN(reachedMs)
}

function needsMetadata(plan: SeriesPlan | Drop): boolean {
  return isDrop(plan) && plan.drop === 'metadata_not_found'
}

/** Whether a sample of the series, or of its histogram, is pending. */
function isPending({ output, unit, lastMs, nextLastMs }: SeriesEntry): boolean {
  return (output !== undefined && !same(lastMs, nextLastMs)) || unit?.output.head !== undefined
}
