/** One request of Prometheus' API. */
export interface ApiTask {
  readonly kind: 'api'
  readonly endpoint: string
  /** The parameters in its URL and form. */
  readonly parameters: readonly (readonly [name: string, value: string])[]
  /** The error in its form or URL, if there is one. */
  readonly formProblem: string | undefined
  /** The name in `label/…/values`. */
  readonly label: string
  /** Whether to reject what Cloud Monitoring rejects. */
  readonly strict: boolean
  readonly nowMs: number
  readonly retentionMs: number
}

/** A response of Prometheus' API, ready to be sent. */
export interface ApiReply {
  readonly status: number
  /** JSON; empty for a response without content. */
  readonly body: Uint8Array<ArrayBuffer>
}

/** The limits of a request, and its client. */
export interface ApiOptions {
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal
}
