import { encodeLabels, type Labels, labelsKey } from '../model/labels/labels.ts'
import type { MetricMetadata, MetricType } from '../model/metadata.ts'
import type { Target } from '../model/target.ts'
import { FamilyTypes } from '../targets/family-types.ts'
import type { TargetDirectory } from '../targets/target-directory.ts'
import type { ScrapeTarget } from './scrape-target.ts'

/** Limits the memory for series whose own labels keep changing. */
const MAX_ORIGINS = 1_000_000

/** The directory of the targets that the sidecar scrapes itself: the types come from their expositions. */
export class ScrapedTargets implements TargetDirectory {
  readonly #targets = new Map<string, ScrapeTarget[]>()
  readonly #types = new Map<Target, FamilyTypes>()
  /**
   * The targets of series whose labels don't identify them: they have a job or an instance of their own, or two targets
   * match.
   */
  readonly #origins = new Map<string, ScrapeTarget>()
  #generation = 0

  constructor(targets: readonly ScrapeTarget[]) {
    for (const target of targets) {
      const key = keyOf(target.labels)
      const group = this.#targets.get(key)
      if (group === undefined) this.#targets.set(key, [target])
      else group.push(target)
    }
  }

  get generation(): number {
    return this.#generation
  }

  find(labels: Labels): Target | undefined {
    const origin = this.#origins.size === 0 ? undefined : this.#origins.get(labelsKey(encodeLabels(labels)))
    return origin ?? this.#bestMatch(labels)
  }

  /** A series of the target appeared: it is recorded if its labels don't identify the target. */
  noteOrigin(labels: Labels, target: ScrapeTarget): void {
    if (this.#bestMatch(labels) === target) return
    const key = labelsKey(encodeLabels(labels))
    if (this.#origins.size < MAX_ORIGINS && !this.#origins.has(key)) this.#origins.set(key, target)
  }

  /** The target all of whose labels the series has; of several, the one with the most. */
  #bestMatch(labels: Labels): ScrapeTarget | undefined {
    let best: ScrapeTarget | undefined
    for (const target of this.#targets.get(keyOf(labels)) ?? []) {
      if (target.labels.size <= (best?.labels.size ?? 0)) continue
      if ([...target.labels].every(([name, value]) => labels.get(name) === value)) best = target
    }
    return best
  }

  typeOf(target: Target | undefined, family: string): MetricType | undefined {
    return target === undefined ? undefined : this.#types.get(target)?.get(family)
  }

  /** Adds the types in the metadata of a scrape. */
  learn(target: ScrapeTarget, metadata: readonly MetricMetadata[]): void {
    let types = this.#types.get(target)
    if (types === undefined) {
      types = new FamilyTypes()
      this.#types.set(target, types)
    }
    let changed = false
    for (const { family, type } of metadata) {
      if (types.learn(family, type)) changed = true
    }
    if (changed) this.#generation += 1
  }

  async checkConfig(): Promise<void> {}

  async refresh(): Promise<void> {}
}

function keyOf(labels: Labels): string {
  return `${labels.get('job')}\u{ff}${labels.get('instance')}`
}
