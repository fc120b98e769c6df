import { Counter, type Registry } from '@node-to-cloud/telemetry'

/** Counts by label value. Plain numbers, read at each scrape: they increase too often for a metrics library. */
export class Tally<Label extends string> {
  readonly counts = new Map<Label, number>()

  add(label: Label, count = 1): void {
    this.counts.set(label, (this.counts.get(label) ?? 0) + count)
  }

  get(label: Label): number {
    return this.counts.get(label) ?? 0
  }

  sum(): number {
    let sum = 0
    for (const count of this.counts.values()) sum += count
    return sum
  }
}

/** Registers a counter of one series. */
export function countOf(
  registry: Registry,
  name: string,
  help: string,
  value: () => number,
  labels: Readonly<Record<string, string>> = {},
): void {
  new Counter({
    name,
    help,
    labelNames: Object.keys(labels),
    registers: [registry],
    collect() {
      this.reset()
      this.inc(labels, value())
    },
  })
}

/** Registers a counter with a series for each label value of a tally. */
export function countBy(
  registry: Registry,
  label: string,
  tally: Tally<string>,
  { name, help }: { readonly name: string; readonly help: string },
): void {
  new Counter({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset()
      for (const [value, count] of tally.counts) this.inc({ [label]: value }, count)
    },
  })
}
