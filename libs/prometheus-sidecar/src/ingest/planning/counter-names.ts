import type { CounterForm } from '../../convert/formats/metrics-format.ts'
import { isJsonObject } from '../../model/json-object.ts'

/** More than any Prometheus has; names beyond that are not remembered. */
const MAX_NAMES = 50_000

/**
 * Which of its two names a counter has in Cloud Monitoring: `jobs_total`, as in the text format and protobuf, or
 * `jobs`, as in OpenMetrics. It keeps the first one, since Prometheus may scrape in another format after any change of
 * its configuration.
 */
export class CounterNames {
  readonly #forms = new Map<string, CounterForm>()
  #unsaved = false

  /** @param saved - what `save` returned in the last run */
  constructor(saved: unknown) {
    if (!isJsonObject(saved)) return
    for (const form of ['full', 'family'] as const) {
      const names = saved[form]
      if (!Array.isArray(names)) continue
      for (const name of names) if (typeof name === 'string') this.#forms.set(name, form)
    }
  }

  /** Undefined for a counter that has never been seen. */
  get(name: string): CounterForm | undefined {
    return this.#forms.get(name)
  }

  /** Records the form of a counter, unless it already has one. */
  note(name: string, form: CounterForm): void {
    if (this.#forms.has(name) || this.#forms.size >= MAX_NAMES) return
    this.#forms.set(name, form)
    this.#unsaved = true
  }

  /** The state for the next run, as JSON, if it changed since the last call. */
  save(): unknown {
    if (!this.#unsaved) return undefined
    this.#unsaved = false
    const named = (wanted: CounterForm) => [...this.#forms].flatMap(([name, form]) => (form === wanted ? [name] : []))
    return { full: named('full'), family: named('family') }
  }
}
