import { shortened } from '../rpc/shortened.ts'
import { STATUS_CODES, type StatusName } from '../rpc/status.ts'

/** One refused point or span: what was refused, and what the answer said. */
export interface Refusal {
  /** Empty where the request named no project that there can be: then it stands among the refusals of each. */
  readonly project: string
  /** A short fixed word for metrics and for grouping, such as `order` or `value_type`. */
  readonly reason: string
  readonly status: StatusName
  readonly message: string
  /** Points or spans that this refusal stands for. */
  readonly points: number
  readonly metricType?: string
  readonly metricLabels?: Record<string, string>
  readonly resourceType?: string
  readonly resourceLabels?: Record<string, string>
  readonly metricKind?: string
  readonly valueType?: string
  readonly point?: { startMs: number | null; endMs: number | null; value: unknown }
  readonly span?: string
}

export interface LoggedRefusal extends Refusal {
  readonly id: number
  readonly timeMs: number
  readonly code: number
}

export interface RefusalsOfReason {
  readonly reason: string
  readonly status: StatusName
  readonly code: number
  points: number
  lastMs: number
}

const MAX_PROJECTS = 1000
const MAX_LABELS = 40
const MESSAGE_CHARACTERS = 2000

/** The newest refusals, and the number of them by reason since the start. Of what is too long the beginning is kept. */
export class RefusalLog {
  readonly #capacity: number
  readonly #entries: LoggedRefusal[] = []
  readonly #byProject = new Map<string, Map<string, RefusalsOfReason>>()
  #nextId = 1

  constructor(capacity = 1000) {
    this.#capacity = capacity
  }

  /** The id of the newest refusal; 0 before the first. */
  get lastId(): number {
    return this.#nextId - 1
  }

  add(refusal: Refusal, timeMs: number): void {
    const code = STATUS_CODES[refusal.status]
    this.#entries.push({ ...bounded(refusal), id: this.#nextId++, timeMs, code })
    if (this.#entries.length > this.#capacity * 1.2) this.#entries.splice(0, this.#entries.length - this.#capacity)
    let reasons = this.#byProject.get(refusal.project)
    if (!reasons) {
      reasons = new Map()
      const [first] = this.#byProject.keys()
      if (first !== undefined && this.#byProject.size >= MAX_PROJECTS) this.#byProject.delete(first)
      this.#byProject.set(refusal.project, reasons)
    }
    const key = `${refusal.reason} ${refusal.status}`
    const known = reasons.get(key)
    if (known) {
      known.points += refusal.points
      known.lastMs = timeMs
    } else {
      reasons.set(key, { reason: refusal.reason, status: refusal.status, code, points: refusal.points, lastMs: timeMs })
    }
  }

  /** Newest first. */
  newest(options: { project: string; after?: number; limit: number }): LoggedRefusal[] {
    const { project, after = 0, limit } = options
    const found: LoggedRefusal[] = []
    for (let index = this.#entries.length - 1; index >= 0 && found.length < limit; index--) {
      const entry = this.#entries[index]
      if (!entry || entry.id <= after) break
      if (entry.project === project || entry.project === '') found.push(entry)
    }
    return found
  }

  /** The projects that something was refused of. */
  get projects(): string[] {
    return [...this.#byProject.keys()].filter((project) => project !== '')
  }

  byReason(project: string): RefusalsOfReason[] {
    const own = this.#byProject.get(project)?.values() ?? []
    const nobodys = this.#byProject.get('')?.values() ?? []
    return [...own, ...nobodys].sort((a, b) => b.points - a.points)
  }
}

/** A copy that is small whatever was refused: the request may have been refused for its size. */
function bounded(refusal: Refusal): Refusal {
  const { message, metricType, metricLabels, resourceType, resourceLabels, span, point } = refusal
  return {
    ...refusal,
    message: shortened(message, MESSAGE_CHARACTERS),
    ...(metricType === undefined ? {} : { metricType: shortened(metricType) }),
    ...(metricLabels === undefined ? {} : { metricLabels: boundedLabels(metricLabels) }),
    ...(resourceType === undefined ? {} : { resourceType: shortened(resourceType) }),
    ...(resourceLabels === undefined ? {} : { resourceLabels: boundedLabels(resourceLabels) }),
    ...(span === undefined ? {} : { span: shortened(span) }),
    ...(point && typeof point.value === 'string' ? { point: { ...point, value: shortened(point.value) } } : {}),
  }
}

function boundedLabels(labels: Record<string, string>): Record<string, string> {
  const entries = Object.entries(labels).slice(0, MAX_LABELS)
  return Object.fromEntries(entries.map(([key, value]) => [shortened(key), shortened(value)]))
}
