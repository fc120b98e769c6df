import { MAX_PROJECTS } from '../api/project-limit.ts'
import { shortened } from '../api/shortened.ts'
import type { Labels } from '../contract/metrics.ts'
import type { Refusal, RefusalCount, RefusalList } from '../contract/refusals.ts'
import { STATUS_CODES } from '../contract/status.ts'

/** A rejection that is not logged yet. */
export type NewRefusal = Omit<Refusal, 'id' | 'timeMs' | 'code'>

const MAX_LABELS = 40
const MESSAGE_CHARACTERS = 2000

/** The newest rejections, and counts of all since the start by reason. Long strings are truncated. */
export class RefusalLog {
  readonly #capacity: number
  readonly #entries: Refusal[] = []
  readonly #byProject = new Map<string, Map<string, RefusalCount>>()
  #nextId = 1
  #epoch = 0

  /** Changes when the log is cleared. */
  get epoch(): number {
    return this.#epoch
  }

  constructor(capacity = 1000) {
    this.#capacity = capacity
  }

  add(refusal: NewRefusal, timeMs: number): void {
    const { project, reason, status, points } = refusal
    const code = STATUS_CODES[status]
    this.#entries.push({ ...bounded(refusal), id: this.#nextId++, timeMs, code })
    if (this.#entries.length > this.#capacity * 1.2) this.#entries.splice(0, this.#entries.length - this.#capacity)
    const counts = this.#countsOf(project)
    const key = `${reason} ${status}`
    counts.set(key, { reason, status, code, points: (counts.get(key)?.points ?? 0) + points, lastMs: timeMs })
  }

  clear(): void {
    this.#entries.length = 0
    this.#epoch++
    this.#byProject.clear()
  }

  /** The rejections of a project with an ID greater than `after`, newest first. */
  list(options: { project: string; after?: number; limit: number }): RefusalList {
    const { project, after = 0, limit } = options
    const refusals: Refusal[] = []
    for (let index = this.#entries.length - 1; index >= 0 && refusals.length < limit; index--) {
      const entry = this.#entries[index]
      if (!entry || entry.id <= after) break
      if (entry.project === project || entry.project === '') refusals.push(entry)
    }
    const byReason = this.#byReason(project)
    return { refusals, byReason, total: byReason.reduce((sum, { points }) => sum + points, 0) }
  }

  /** The projects that had a write rejected. */
  get projects(): string[] {
    return [...this.#byProject.keys()].filter((project) => project !== '')
  }

  #countsOf(project: string): Map<string, RefusalCount> {
    let counts = this.#byProject.get(project)
    if (!counts) {
      counts = new Map()
      const [first] = this.#byProject.keys()
      if (first !== undefined && this.#byProject.size >= MAX_PROJECTS) this.#byProject.delete(first)
      this.#byProject.set(project, counts)
    }
    return counts
  }

  #byReason(project: string): RefusalCount[] {
    const own = this.#byProject.get(project)?.values() ?? []
    const withoutProject = this.#byProject.get('')?.values() ?? []
    return [...own, ...withoutProject].sort((a, b) => b.points - a.points)
  }
}

/** A copy of limited size, since a request may have been rejected because of its size. */
function bounded(refusal: NewRefusal): NewRefusal {
  const { message, metricType, metricLabels, resourceType, resourceLabels, span, point } = refusal
  return {
    ...refusal,
    message: shortened(message, MESSAGE_CHARACTERS),
    ...(metricType === undefined ? {} : { metricType: shortened(metricType) }),
    ...(metricLabels === undefined ? {} : { metricLabels: boundedLabels(metricLabels) }),
    ...(resourceType === undefined ? {} : { resourceType: shortened(resourceType) }),
    ...(resourceLabels === undefined ? {} : { resourceLabels: boundedLabels(resourceLabels) }),
    ...(span === undefined ? {} : { span: shortened(span) }),
    ...(typeof point?.value === 'string' ? { point: { ...point, value: shortened(point.value) } } : {}),
  }
}

function boundedLabels(labels: Labels): Labels {
  const entries = Object.entries(labels).slice(0, MAX_LABELS)
  return Object.fromEntries(entries.map(([key, value]) => [shortened(key), shortened(value)]))
}
