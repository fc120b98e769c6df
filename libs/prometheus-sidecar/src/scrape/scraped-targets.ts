import type { Labels } from '../model/labels.ts'
import type { MetricMetadata, MetricType } from '../model/metadata.ts'
import type { Target } from '../model/target.ts'
import { FamilyTypes } from '../targets/family-types.ts'
import type { TargetDirectory } from '../targets/target-directory.ts'
import type { ScrapeTarget } from './scrape-target.ts'

/** The directory of the targets that the sidecar scrapes itself: the types come from their expositions. */
export class ScrapedTargets implements TargetDirectory {
  readonly #targets = new Map<string, ScrapeTarget[]>()
  readonly #types = new Map<Target, FamilyTypes>()
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
    const candidates = this.#targets.get(keyOf(labels))
    return candidates?.find((target) => {
      for (const [name, value] of target.labels) if (labels.get(name) !== value) return false
      return true
    })
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

  async refresh(): Promise<void> {}
}

function keyOf(labels: Labels): string {
  return `${labels.get('job')}\u{ff}${labels.get('instance')}`
}
