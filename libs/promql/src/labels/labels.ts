import { formatShortest } from '../text/format-number.ts'
import { quote } from '../text/quote.ts'

export const METRIC_NAME = '__name__'

/** The labels that describe the metric itself; an operation that changes the meaning of a value drops them. */
const METADATA_LABELS: ReadonlySet<string> = new Set([METRIC_NAME, '__type__', '__unit__'])

/** Whether the label is `__name__`, `__type__` or `__unit__`. */
export function isMetadataLabel(name: string): boolean {
  return METADATA_LABELS.has(name)
}

/** The labels of a series: names and values, sorted by name, none with an empty value. Immutable. */
export class Labels {
  static readonly empty = new Labels([])

  /** Name, value, name, value and so on. */
  readonly #pairs: readonly string[]
  #key: string | undefined
  #withoutMetadata: Labels | undefined

  private constructor(sortedPairs: readonly string[]) {
    this.#pairs = sortedPairs
  }

  /**
   * Creates labels from names and values in any order; empty values are left out, since an empty label is equivalent to
   * a missing one.
   */
  static from(entries: Iterable<readonly [name: string, value: string]> | Readonly<Record<string, string>>): Labels {
    const list = Symbol.iterator in entries ? [...entries] : Object.entries(entries)
    const present = list.filter(([, value]) => value !== '')
    present.sort(([a], [b]) => compareText(a, b))
    return present.length === 0 ? Labels.empty : new Labels(present.flat())
  }

  /** A key that is the same only for equal labels. */
  get key(): string {
    if (this.#key === undefined) {
      let key = ''
      for (const text of this.#pairs) key += `${text.length}:${text}`
      this.#key = key
    }
    return this.#key
  }

  get size(): number {
    return this.#pairs.length / 2
  }

  *[Symbol.iterator](): Generator<readonly [name: string, value: string]> {
    for (let i = 0; i < this.#pairs.length; i += 2) yield [this.#pairs[i] ?? '', this.#pairs[i + 1] ?? '']
  }

  /** The value of the label, or the empty string. */
  get(name: string): string {
    for (let i = 0; i < this.#pairs.length; i += 2) if (this.#pairs[i] === name) return this.#pairs[i + 1] ?? ''
    return ''
  }

  has(name: string): boolean {
    return this.get(name) !== ''
  }

  /** Only the labels for which `wanted` returns true. */
  filter(wanted: (name: string) => boolean): Labels {
    const kept: string[] = []
    for (let i = 0; i < this.#pairs.length; i += 2) {
      const name = this.#pairs[i] ?? ''
      if (wanted(name)) kept.push(name, this.#pairs[i + 1] ?? '')
    }
    return kept.length === this.#pairs.length ? this : new Labels(kept)
  }

  keep(names: ReadonlySet<string>): Labels {
    return this.filter((name) => names.has(name))
  }

  without(names: ReadonlySet<string>): Labels {
    return this.filter((name) => !names.has(name))
  }

  withoutMetadata(): Labels {
    this.#withoutMetadata ??= this.without(METADATA_LABELS)
    return this.#withoutMetadata
  }

  /** With the label set, or removed if the value is empty. */
  with(name: string, value: string): Labels {
    return Labels.from([...this.filter((other) => other !== name), [name, value]])
  }

  /** As Prometheus prints it: `{__name__="up", job="a"}`. */
  toString(): string {
    return `{${[...this].map(([name, value]) => `${isPlainName(name) ? name : quote(name)}=${quote(value)}`).join(', ')}}`
  }

  toJSON(): Record<string, string> {
    return Object.fromEntries(this)
  }

  /** Compares in Prometheus' order: by name, then by value, then fewer labels first. */
  static compare(a: Labels, b: Labels): number {
    const length = Math.min(a.#pairs.length, b.#pairs.length)
    for (let i = 0; i < length; i++) {
      const order = compareText(a.#pairs[i] ?? '', b.#pairs[i] ?? '')
      if (order !== 0) return order
    }
    return a.#pairs.length - b.#pairs.length
  }
}

/** Whether a label name needs no quotes: it has only ASCII letters, digits and underscores. */
export function isPlainName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)
}

/** Compares by UTF-8 bytes, which is the order of code points. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1
  }
  return a.length - b.length
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xe000
}

/** The value of the `le` label for a bound, as Prometheus writes it. */
export function bucketBound(bound: number): string {
  return formatShortest(bound)
}
