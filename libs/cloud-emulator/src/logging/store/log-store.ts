import { MAX_PROJECTS, tooManyProjects } from '../../api/project-limit.ts'
import type { LogEntry } from '../model/log-entry.ts'
import type { QueryBounds } from '../query/compile-query.ts'
import { LogChunk } from './log-chunk.ts'

/** The entries of a project in order of arrival. */
export class ProjectLogs {
  readonly chunks: LogChunk[] = []
  entryCount = 0
}

/** Called for every stored entry. */
export type LogListener = (projectId: string, entries: readonly LogEntry[]) => void

const CHUNK_ENTRIES = 4096
/** The fraction of memory that is freed at once when it is full. */
const CHUNKS_IN_MEMORY = 64

/** Log entries of all projects, in memory, limited by bytes and age: those that arrived first are evicted. */
export class LogStore {
  readonly #projects = new Map<string, ProjectLogs>()
  /** The chunks of all projects in order of creation. */
  readonly #order: { project: ProjectLogs; chunk: LogChunk }[] = []
  readonly #listeners = new Set<LogListener>()
  readonly #maxBytes: number
  readonly #retentionMicros: number
  #byteLength = 0
  #entryCount = 0
  evictedEntries = 0

  constructor(options: { maxBytes: number; retentionMicros: number }) {
    this.#maxBytes = options.maxBytes
    this.#retentionMicros = options.retentionMicros
  }

  get entryCount(): number {
    return this.#entryCount
  }

  /** The estimated memory of all entries. */
  get byteLength(): number {
    return this.#byteLength
  }

  get retentionMicros(): number {
    return this.#retentionMicros
  }

  get projects(): ReadonlyMap<string, ProjectLogs> {
    return this.#projects
  }

  /** Throws RESOURCE_EXHAUSTED if the project is new and there are too many. */
  add(projectId: string, entries: readonly LogEntry[]): void {
    if (entries.length === 0) return
    const project = this.#project(projectId)
    for (const entry of entries) {
      const bytes = this.#openChunk(project).add(entry)
      this.#byteLength += bytes
      this.#entryCount++
      project.entryCount++
      while (this.#byteLength > this.#maxBytes && this.#order.length > 1) this.#evictFirst()
    }
    for (const listener of this.#listeners) listener(projectId, entries)
  }

  /** The chunks that may have entries within the bounds. */
  chunksOf(projectIds: readonly string[], bounds: QueryBounds): LogChunk[] {
    return projectIds
      .flatMap((projectId) => this.#projects.get(projectId)?.chunks ?? [])
      .filter((chunk) => chunk.mayHave(bounds))
  }

  /** Registers a listener until the returned function is called. */
  listen(listener: LogListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The names of all logs with entries in a project. */
  logNames(projectId: string): string[] {
    const names = new Set<string>()
    for (const { entries } of this.#projects.get(projectId)?.chunks ?? [])
      for (const { logName } of entries) names.add(logName)
    return [...names].sort()
  }

  /** Deletes the entries of a log. Returns how many there were. */
  deleteLog(projectId: string, logName: string): number {
    const project = this.#projects.get(projectId)
    const before = this.#entryCount
    for (const chunk of project?.chunks ?? []) {
      if (!project || !chunk.entries.some((entry) => entry.logName === logName)) continue
      const { byteLength } = chunk
      const { length } = chunk.entries
      chunk.keep((entry) => entry.logName !== logName)
      this.#byteLength += chunk.byteLength - byteLength
      this.#entryCount -= length - chunk.entries.length
      project.entryCount -= length - chunk.entries.length
    }
    return before - this.#entryCount
  }

  /** Deletes all projects with their entries. */
  clear(): void {
    this.#projects.clear()
    this.#order.length = 0
    this.#byteLength = 0
    this.#entryCount = 0
  }

  /** Drops chunks whose entries are all older than the retention. */
  sweep(nowMicros: number): void {
    const untilMicros = nowMicros - this.#retentionMicros
    for (const { project, chunk } of [...this.#order]) if (chunk.maxMicros <= untilMicros) this.#remove(project, chunk)
  }

  #project(projectId: string): ProjectLogs {
    let project = this.#projects.get(projectId)
    if (!project) {
      if (this.#projects.size >= MAX_PROJECTS) throw tooManyProjects()
      project = new ProjectLogs()
      this.#projects.set(projectId, project)
    }
    return project
  }

  #openChunk(project: ProjectLogs): LogChunk {
    const last = project.chunks.at(-1)
    const isOpen = last && last.entries.length < CHUNK_ENTRIES && last.byteLength < this.#maxBytes / CHUNKS_IN_MEMORY
    if (isOpen) return last
    const chunk = new LogChunk()
    project.chunks.push(chunk)
    this.#order.push({ project, chunk })
    return chunk
  }

  #evictFirst(): void {
    const first = this.#order[0]
    if (first) this.#remove(first.project, first.chunk)
  }

  #remove(project: ProjectLogs, chunk: LogChunk): void {
    const index = this.#order.findIndex((one) => one.chunk === chunk)
    this.#order.splice(index, 1)
    project.chunks.splice(project.chunks.indexOf(chunk), 1)
    project.entryCount -= chunk.entries.length
    this.#entryCount -= chunk.entries.length
    this.#byteLength -= chunk.byteLength
    this.evictedEntries += chunk.entries.length
  }
}
