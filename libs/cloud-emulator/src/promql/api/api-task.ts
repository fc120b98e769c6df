/** One request of Prometheus' API. */
export interface ApiTask {
  readonly kind: 'api'
  readonly endpoint: string
  /** The parameters of its URL and its form. */
  readonly parameters: readonly (readonly [name: string, value: string])[]
  /** What is wrong with its form or its URL, if anything is. */
  readonly formProblem: string | undefined
  /** The name in `label/…/values`. */
  readonly label: string
  /** Whether what Cloud Monitoring refuses is refused here. */
  readonly strict: boolean
  readonly nowMs: number
  readonly retentionMs: number
}

/** An answer of Prometheus' API, ready to be sent. */
export interface ApiReply {
  readonly status: number
  /** JSON; empty for an answer without content. */
  readonly body: Uint8Array<ArrayBuffer>
}

/** What a request may take, and who waits for it. */
export interface ApiOptions {
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal
}
