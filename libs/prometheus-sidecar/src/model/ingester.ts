import type { MetricMetadata } from './metadata.ts'
import type { SampleBatch } from './sample.ts'

/** Where samples go from the remote_write receiver and the scraper: conversion, writing and state stand behind it. */
export interface Ingester {
  /**
   * Takes a batch. Resolves once each sample is taken by Cloud Monitoring, refused or dropped for good (and counted), or, as part of an
   * incomplete histogram, safely in the state: then it may be answered with 2xx. Rejects with {@link RetryLaterError} when `deadlineMs`
   * (from now) is over or there is no room: answer 503. Work in flight goes on; the same samples, sent again, join it.
   */
  ingest(batch: SampleBatch, options: { readonly deadlineMs: number }): Promise<void>
  /** Metadata that came by remote_write: no target is named, so it is used only where the target's own is unknown. */
  describe(metadata: readonly MetricMetadata[]): void
}

/** The samples could not be settled now; the sender has to send them again. */
export class RetryLaterError extends Error {
  readonly code: 'deadline' | 'full' | 'state' | 'targets' | 'closing'

  constructor(code: RetryLaterError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RetryLaterError'
    this.code = code
  }
}
