import {
  type LeaseRecord,
  type LeaseStore,
  LeaseStoreError,
  type StoredLease,
} from '../../../src/election/lease-record.ts'

/** A lease with compare-and-swap, as Kubernetes does by resourceVersion; shared by all that read it. */
export class MemoryLease implements LeaseStore {
  readonly name = 'memory'
  /** `lost`: the write succeeds, but its response is lost. */
  fate: 'ok' | 'down' | 'lost' = 'ok'
  record: LeaseRecord | undefined
  #version = 0

  async read(): Promise<StoredLease | undefined> {
    if (this.fate === 'down') throw new LeaseStoreError('no route')
    return this.record === undefined ? undefined : { record: this.record, version: String(this.#version) }
  }

  async write(record: LeaseRecord, version: string | undefined): Promise<boolean> {
    if (this.fate === 'down') throw new LeaseStoreError('no route')
    const isCurrent = this.record === undefined ? version === undefined : version === String(this.#version)
    if (!isCurrent) return false
    this.record = record
    this.#version += 1
    if (this.fate === 'lost') throw new LeaseStoreError('the response was lost')
    return true
  }

  close(): void {}
}
