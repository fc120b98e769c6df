import { MAX_PROJECTS, tooManyProjects } from '../../api/project-limit.ts'
import type { Quotas } from '../../quotas/quotas.ts'
import type { MetricDescriptor } from '../model/metric-descriptor.ts'
import { PagePool } from './page-pool.ts'
import { RateMeter } from './rate-meter.ts'
import type { NewPoint, Series } from './series.ts'

export interface MetricStoreLimits {
  /** The limit on series of all projects; above it the least recently written ones are evicted. */
  readonly maxSeries: number
  /** The limit on bytes of points, exemplars and labels of all projects; above it the oldest points are evicted. */
  readonly maxPointBytes: number
  readonly retentionMicros: number
  /** How many points the queries of one request may keep in memory. */
  readonly maxQuerySamples: number
  /** The quotas of writes; default: Google's. */
  readonly quotas?: Quotas
}

/** The evictions since the start, by reason. */
export interface Evictions {
  pointsByRetention: number
  pointsByBytes: number
  pointsBySeries: number
  series: number
}

/** The series of one metric type. */
export interface MetricTypeEntry {
  readonly series: Map<string, Series>
  readonly rate: RateMeter
}

export class ProjectMetrics {
  readonly projectId: string
  readonly descriptors = new Map<string, MetricDescriptor>()
  readonly types = new Map<string, MetricTypeEntry>()
  readonly seriesByKey = new Map<string, Series>()
  readonly #countByResource = new Map<string, number>()

  constructor(projectId: string) {
    this.projectId = projectId
  }

  add(series: Series): void {
    this.seriesByKey.set(series.key, series)
    this.#count(series.resourceType, 1)
    this.entry(series.metricType).series.set(series.key, series)
  }

  remove(series: Series): void {
    this.seriesByKey.delete(series.key)
    this.#count(series.resourceType, -1)
    this.types.get(series.metricType)?.series.delete(series.key)
  }

  /** How many series the monitored resources of a type have. */
  seriesOfResource(resourceType: string): number {
    return this.#countByResource.get(resourceType) ?? 0
  }

  seriesOf(metricType: string): Iterable<Series> {
    return this.types.get(metricType)?.series.values() ?? []
  }

  entry(metricType: string): MetricTypeEntry {
    let entry = this.types.get(metricType)
    if (!entry) {
      entry = { series: new Map(), rate: new RateMeter() }
      this.types.set(metricType, entry)
    }
    return entry
  }

  #count(resourceType: string, change: number): void {
    const count = this.seriesOfResource(resourceType) + change
    if (count > 0) this.#countByResource.set(resourceType, count)
    else this.#countByResource.delete(resourceType)
  }
}

/** Descriptors, series and points of all projects, in memory, limited by age, number of series and bytes. */
export class MetricStore {
  readonly limits: MetricStoreLimits
  /** The memory for the series' points. */
  readonly pages = new PagePool()
  readonly evictions: Evictions = { pointsByRetention: 0, pointsByBytes: 0, pointsBySeries: 0, series: 0 }
  readonly #projects = new Map<string, ProjectMetrics>()
  #seriesCount = 0
  #pointCount = 0
  #pointBytes = 0
  #nowMicros = Number.NEGATIVE_INFINITY

  constructor(limits: MetricStoreLimits) {
    this.limits = limits
  }

  get seriesCount(): number {
    return this.#seriesCount
  }

  get pointCount(): number {
    return this.#pointCount
  }

  get pointBytes(): number {
    return this.#pointBytes
  }

  /**
   * Points that end at or before this are older than the retention. Some are still stored, since chunks are dropped
   * whole.
   */
  get retainedAfterMicros(): number {
    return this.#nowMicros - this.limits.retentionMicros
  }

  get projects(): ReadonlyMap<string, ProjectMetrics> {
    return this.#projects
  }

  /** A project, created if it is new. Throws RESOURCE_EXHAUSTED if there are too many. */
  project(projectId: string): ProjectMetrics {
    let project = this.#projects.get(projectId)
    if (!project) {
      if (this.#projects.size >= MAX_PROJECTS) throw tooManyProjects()
      project = new ProjectMetrics(projectId)
      this.#projects.set(projectId, project)
    }
    return project
  }

  addSeries(project: ProjectMetrics, series: Series): void {
    if (this.#seriesCount >= this.limits.maxSeries) this.#evictSeries()
    project.add(series)
    this.#seriesCount++
    this.#pointBytes += series.byteLength
  }

  append(project: ProjectMetrics, series: Series, point: NewPoint, nowMicros: number): void {
    this.#nowMicros = nowMicros
    const bytes = series.byteLength
    series.append(point, nowMicros)
    this.#pointBytes += series.byteLength - bytes
    this.#pointCount++
    project.entry(series.metricType).rate.add(1, nowMicros)
    if (this.#pointBytes > this.limits.maxPointBytes) this.#dropBeyondBytes()
  }

  /** Deletes a type with its series and points. Returns false if there is no such type. */
  deleteType(project: ProjectMetrics, metricType: string): boolean {
    for (const series of [...project.seriesOf(metricType)]) this.#remove(project, series)
    project.types.delete(metricType)
    return project.descriptors.delete(metricType)
  }

  /** Deletes all projects with their descriptors, series and points. */
  clear(): void {
    for (const project of this.#projects.values())
      for (const series of [...project.seriesByKey.values()]) this.#remove(project, series)
    this.#projects.clear()
    this.#nowMicros = Number.NEGATIVE_INFINITY
  }

  /** Drops points older than the retention. */
  sweep(nowMicros: number): void {
    this.#nowMicros = nowMicros
    this.evictions.pointsByRetention += this.#dropUntil(this.retainedAfterMicros)
  }

  /** Repeatedly drops the oldest tenth of the stored interval until the points fit. */
  #dropBeyondBytes(): void {
    let share = 0.1
    while (this.#pointBytes > this.limits.maxPointBytes) {
      const span = this.#span()
      if (!span) return
      const { oldestMicros, newestMicros } = span
      const dropped = this.#dropUntil(oldestMicros + (newestMicros - oldestMicros) * share)
      this.evictions.pointsByBytes += dropped
      if (dropped === 0 && share >= 1) return
      share = dropped === 0 ? Math.min(1, share * 2) : 0.1
    }
  }

  #span(): { oldestMicros: number; newestMicros: number } | undefined {
    let oldestMicros = Number.POSITIVE_INFINITY
    let newestMicros = Number.NEGATIVE_INFINITY
    for (const project of this.#projects.values()) {
      for (const { points } of project.seriesByKey.values()) {
        oldestMicros = Math.min(oldestMicros, points.firstEndMicros ?? oldestMicros)
        newestMicros = Math.max(newestMicros, points.lastEndMicros ?? newestMicros)
      }
    }
    return newestMicros < oldestMicros ? undefined : { oldestMicros, newestMicros }
  }

  #dropUntil(endMicros: number): number {
    let dropped = 0
    for (const project of this.#projects.values()) {
      for (const series of [...project.seriesByKey.values()]) {
        const first = series.points.firstEndMicros
        if (first !== undefined && first > endMicros) continue
        const bytes = series.byteLength
        const points = series.points.dropUntil(endMicros)
        this.#pointBytes += series.byteLength - bytes
        this.#pointCount -= points
        dropped += points
        if (series.points.length === 0) this.#remove(project, series)
      }
    }
    return dropped
  }

  #evictSeries(): void {
    const all: { project: ProjectMetrics; series: Series }[] = []
    for (const project of this.#projects.values()) {
      for (const series of project.seriesByKey.values()) all.push({ project, series })
    }
    all.sort((a, b) => a.series.writtenMicros - b.series.writtenMicros)
    for (const { project, series } of all.slice(0, Math.max(1, Math.floor(this.limits.maxSeries / 100)))) {
      this.evictions.series++
      this.evictions.pointsBySeries += series.points.length
      this.#remove(project, series)
    }
  }

  #remove(project: ProjectMetrics, series: Series): void {
    project.remove(series)
    this.#seriesCount--
    this.#pointCount -= series.points.length
    this.#pointBytes -= series.byteLength
    series.points.dropUntil(Number.POSITIVE_INFINITY)
  }
}
