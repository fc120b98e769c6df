/** A log entry as the JSON of `google.logging.v2.LogEntry`. */
export interface LogEntryJson {
  readonly logName: string
  readonly insertId: string
  /** RFC 3339. */
  readonly timestamp: string
  readonly receiveTimestamp: string
  /** Default: DEFAULT. */
  readonly severity?: string
  readonly resource: { readonly type: string; readonly labels: Readonly<Record<string, string>> }
  readonly labels?: Readonly<Record<string, string>>
  readonly textPayload?: string
  readonly jsonPayload?: Readonly<Record<string, unknown>>
  readonly protoPayload?: Readonly<Record<string, unknown>>
  readonly httpRequest?: Readonly<Record<string, unknown>>
  readonly operation?: Readonly<Record<string, unknown>>
  readonly sourceLocation?: Readonly<Record<string, unknown>>
  readonly split?: Readonly<Record<string, unknown>>
  readonly trace?: string
  readonly spanId?: string
  readonly traceSampled?: boolean
}

/** The parameters of `GET /api/logs` and `GET /api/logs/tail`. */
export interface LogListParameters {
  /** The Logging query language. */
  readonly query?: string
  /** The name of the minimum severity. */
  readonly severity?: string
  /** Epoch milliseconds or RFC 3339. */
  readonly start?: number | string
  readonly end?: number | string
  readonly limit?: number
  /** From an earlier response. */
  readonly pageToken?: string
  /** The number of periods that entries are counted in; 0, the default, for none. */
  readonly buckets?: number
}

/** The entries of one period by severity. */
export interface LogCounts {
  /** By name; severities without entries are omitted. */
  readonly [severity: string]: number
}

/** `GET /api/logs`: newest first. */
export interface LogList {
  readonly entries: readonly LogEntryJson[]
  /** Empty after the last page. */
  readonly nextPageToken: string
  /** For the whole interval, if `buckets` was requested. */
  readonly histogram?: {
    readonly startMs: number
    readonly stepMs: number
    readonly counts: readonly LogCounts[]
    readonly total: number
  }
}
