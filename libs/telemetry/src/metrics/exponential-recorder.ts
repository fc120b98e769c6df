import { ExponentialHistogram } from './buckets/exponential-histogram.ts'
import type { Sample } from './family.ts'

/** The exponential histograms of a metric, by label set. */
export interface ExponentialSource {
  exponentialSets(): Iterable<{ readonly labels: Sample['labels']; readonly histogram: ExponentialHistogram }>
}

/** The part of the client's histograms that is used. Versions since 15 assign an `observe` to each. */
interface ObservedHistogram {
  readonly labelNames?: readonly string[]
  readonly enableExemplars?: boolean
  observe?(...args: unknown[]): unknown
  labels?(...args: unknown[]): { observe(value: number): void }
  remove?(...args: unknown[]): void
  reset?(): void
}

type Labels = Readonly<Record<string, string | number>>

/** Also records the observations of a client's histogram in exponential buckets, from now on. */
export class ExponentialRecorder implements ExponentialSource {
  readonly #sets = new Map<string, { readonly labels: Labels; readonly histogram: ExponentialHistogram }>()
  readonly #metric: ObservedHistogram

  private constructor(metric: ObservedHistogram) {
    this.#metric = metric
  }

  /**
   * Starts to watch a histogram.
   *
   * @param metric may be under construction: the client registers a metric before it has an `observe`. If it never gets
   * one, nothing happens.
   */
  static watch(metric: ObservedHistogram): ExponentialRecorder {
    const recorder = new ExponentialRecorder(metric)
    if (Object.hasOwn(metric, 'observe')) recorder.#wrap(metric.observe)
    else {
      Object.defineProperty(metric, 'observe', {
        configurable: true,
        enumerable: true,
        get: () => Object.getPrototypeOf(metric).observe,
        set: (observe: ObservedHistogram['observe']) => recorder.#wrap(observe),
      })
    }
    return recorder
  }

  exponentialSets() {
    return this.#sets.values()
  }

  #wrap(observe: ObservedHistogram['observe']): void {
    const metric = this.#metric
    const { labels, remove, reset } = metric
    const observed = (...args: unknown[]) => {
      observe?.apply(metric, args)
      this.#recordArguments(args)
    }
    Object.defineProperty(metric, 'observe', { configurable: true, enumerable: true, writable: true, value: observed })
    metric.labels = (...args) => {
      const child = labels?.apply(metric, args) ?? { observe() {} }
      const { observe: observeChild } = child
      child.observe = (value) => {
        observeChild(value)
        this.#record(this.#labelsOf(args), value)
      }
      return child
    }
    metric.remove = (...args) => {
      remove?.apply(metric, args)
      this.#sets.delete(this.#keyOf(this.#labelsOf(args)))
    }
    metric.reset = () => {
      reset?.apply(metric)
      this.#sets.clear()
    }
  }

  /**
   * The arguments as the client reads them: `({ labels, value })` if there may be exemplars, otherwise `(labels,
   * value)` or `(value)`.
   */
  #recordArguments([first, second]: readonly unknown[]): void {
    if (!isObject(first)) this.#record({}, Number(first))
    else if (this.#metric.enableExemplars) this.#record((first.labels ?? {}) as Labels, Number(first.value))
    else this.#record(first as Labels, Number(second))
  }

  #record(labels: Labels, value: number): void {
    const key = this.#keyOf(labels)
    let set = this.#sets.get(key)
    if (set === undefined) {
      set = { labels: { ...labels }, histogram: new ExponentialHistogram() }
      this.#sets.set(key, set)
    }
    set.histogram.record(value)
  }

  /** Label values by name, or in the order of the names. */
  #labelsOf(args: readonly unknown[]): Labels {
    const [first] = args
    if (isObject(first)) return first as Labels
    const names = this.#metric.labelNames ?? []
    return Object.fromEntries(names.map((name, index) => [name, args[index] as string | number]))
  }

  #keyOf(labels: Labels): string {
    return (this.#metric.labelNames ?? []).map((name) => `${String(labels[name]).length} ${labels[name]}`).join(' ')
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
