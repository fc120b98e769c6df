/** A table of the status page. */
export interface StatusSection {
  readonly title: string
  readonly rows: readonly (readonly [name: string, value: string])[]
}

/** The response of `GET /api/status`. */
export interface Status {
  /** Why the sidecar is not ready; empty if it is. */
  readonly notReady: readonly string[]
  readonly sections: readonly StatusSection[]
}
