import { RpcError } from '../api/rpc-error.ts'

/** Google's name of the quota that a method of Cloud Monitoring counts towards. */
const QUOTA_OF_METHOD: Readonly<Record<string, string>> = {
  CreateTimeSeries: 'Time series ingestion requests',
  CreateServiceTimeSeries: 'Time series ingestion requests',
  ListTimeSeries: 'Time series queries',
}
const OTHER_REQUESTS = 'Requests'
const SERVICE = 'monitoring.googleapis.com'
const MONITORING = /^google\.monitoring\./
const MINUTE_MS = 60_000

/** Counts the requests of each project to Cloud Monitoring in each minute of the emulator's clock. */
export class RequestQuota {
  readonly #perMinute: number
  readonly #nowMs: () => number
  #minute = Number.NaN
  #counts = new Map<string, number>()

  constructor(perMinute: number, nowMs: () => number) {
    this.#perMinute = perMinute
    this.#nowMs = nowMs
  }

  /** Counts a request. Throws RESOURCE_EXHAUSTED if it exceeds the quota. */
  take(method: { readonly service: string; readonly name: string }, request: object): void {
    if (this.#perMinute === Number.POSITIVE_INFINITY || !MONITORING.test(method.service)) return
    const minute = Math.floor(this.#nowMs() / MINUTE_MS)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#counts = new Map()
    }
    const quota = QUOTA_OF_METHOD[method.name] ?? OTHER_REQUESTS
    const projectId = projectIn(request)
    const key = `${quota} ${projectId}`
    const count = (this.#counts.get(key) ?? 0) + 1
    this.#counts.set(key, count)
    if (count > this.#perMinute) throw exceeded(quota, projectId, this.#perMinute)
  }

  /** Resets the counts of this minute. */
  clear(): void {
    this.#counts.clear()
  }
}

function exceeded(quota: string, projectId: string, perMinute: number): RpcError {
  const limit = `${quota} per minute`
  return new RpcError(
    'RESOURCE_EXHAUSTED',
    `Quota exceeded for quota metric '${quota}' and limit '${limit}' of service '${SERVICE}' for consumer 'projects/${projectId}': ${perMinute} are allowed (--quota.requests-per-minute).`,
  )
}

/**
 * The project in a request's resource name; in updates it is in the resource itself. Truncated, so that the memory for
 * counts is limited.
 */
function projectIn(request: object): string {
  for (const value of Object.values(request)) {
    const name: unknown = typeof value === 'object' && value !== null && 'name' in value ? value.name : value
    const projectId = typeof name === 'string' ? /^projects\/([\w:.-]{1,100})(?:\/|$)/.exec(name)?.[1] : undefined
    if (projectId !== undefined) return projectId
  }
  return ''
}
