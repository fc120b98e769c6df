/** The content of a lease: who may write which samples. Times are in Unix milliseconds. */
export interface LeaseRecord {
  /** Name of the sidecar that writes; empty: none. */
  readonly holder: string
  /** How long the holder may be silent before another one takes over. */
  readonly durationMs: number
  readonly acquiredMs: number
  readonly renewedMs: number
  /** How often the lease has changed hands. */
  readonly transitions: number
  /** The holder writes samples that are later than this… */
  readonly writesFromMs: number
  /** …up to this time, even if it no longer holds the lease. */
  readonly writesUntilMs: number
}

/** Stores a lease. Both methods reject if the store can't be reached. */
export interface LeaseStore {
  /** For log lines and the status page, such as `file:/shared/lease`. */
  readonly name: string
  /** Undefined if there is no lease yet. */
  read(): Promise<StoredLease | undefined>
  /** Replaces this version of the lease, or creates the lease. Returns false if another sidecar was faster. */
  write(record: LeaseRecord, version: string | undefined): Promise<boolean>
  close(): void
}

/** A lease as its store returned it. */
export interface StoredLease {
  readonly record: LeaseRecord
  readonly version: string
}

/** The lease can't be read or written. */
export class LeaseStoreError extends Error {
  readonly code = 'ERR_LEASE_STORE'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'LeaseStoreError'
  }
}
