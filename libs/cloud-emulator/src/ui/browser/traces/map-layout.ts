import type { ServiceMap } from '../../../contract/traces.ts'

/** The position of a service: columns from left to right in the direction of calls, rows from the top. */
export interface Place {
  readonly name: string
  readonly column: number
  readonly row: number
}

/** Places each service to the right of its callers; calls back to a caller are ignored. */
export function mapLayout({ services, links }: ServiceMap): Place[] {
  const callees = new Map<string, string[]>()
  for (const { from, to } of links) if (from !== to) callees.set(from, [...(callees.get(from) ?? []), to])
  const called = new Set(links.filter(({ from, to }) => from !== to).map(({ to }) => to))
  const columns = new Map<string, number>()
  const names = services.map(({ name }) => name)
  const queue = names.filter((name) => !called.has(name))
  for (const name of queue) columns.set(name, 0)
  // Services that are only in cycles start where the first of them is.
  for (const name of [undefined, ...names]) {
    if (name !== undefined && !columns.has(name)) {
      columns.set(name, 0)
      queue.push(name)
    }
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      for (const callee of callees.get(next) ?? []) {
        if (columns.has(callee)) continue
        columns.set(callee, (columns.get(next) ?? 0) + 1)
        queue.push(callee)
      }
    }
  }
  const rows = new Map<number, number>()
  return names.toSorted().map((name) => {
    const column = columns.get(name) ?? 0
    const row = rows.get(column) ?? 0
    rows.set(column, row + 1)
    return { name, column, row }
  })
}
