import { SampleIngester } from '../../src/ingest/sample-ingester.ts'
import { type FollowerLookup, RetryLaterError } from '../../src/model/ingester.ts'
import type { MetricType } from '../../src/model/metadata.ts'
import type { SampleBatch } from '../../src/model/sample.ts'
import type { Target } from '../../src/model/target.ts'
import { Writer } from '../../src/write/writer.ts'
import { PLAIN_RULES } from '../testing/plain-rules.ts'

const TYPES: Readonly<Record<string, MetricType>> = {
  up: 'gauge',
  flask_http_request: 'counter',
  latency: 'histogram',
  rpc: 'summary',
}

const TARGET: Target = {
  labels: new Map([
    ['job', 'app'],
    ['instance', 'i'],
  ]),
  discoveredLabels: new Map(),
}

export interface FuzzedIngester {
  ingest(batch: SampleBatch): Promise<void>
  readonly lookup: FollowerLookup
}

/** Ingestion as the sidecar runs it, with few series, one target and an API that accepts everything. */
export function fuzzedIngester(): FuzzedIngester {
  const ingester = new SampleIngester({
    rules: {
      metricsPrefix: 'external.googleapis.com/prometheus',
      resourceDefaults: {
        projectId: 'p',
        kubernetesLocation: '',
        kubernetesClusterName: '',
        genericLocation: 'here',
        genericNamespace: 'test',
      },
      ...PLAIN_RULES,
    },
    targets: {
      generation: 0,
      find: (labels) => (labels.get('job') === 'app' ? TARGET : undefined),
      typeOf: (_target, family) => TYPES[family],
      checkConfig: async () => {},
      refresh: async () => {},
    },
    writer: new Writer({
      projectName: 'projects/p',
      createTimeSeries: async () => {},
      observer: { requestEnded() {}, retrying() {} },
    }),
    observer: { batchReceived() {}, sampleDropped() {}, seriesDropped() {}, pointStored() {}, pointRefused() {} },
    assembly: { learningPeriodMs: 0, maxWaitMs: 100, maxWaitingParts: 1_000 },
    wholeScrapes: false,
    maxSeries: 2_000,
    forgetAfterMs: 3_600_000,
  })
  return {
    lookup: ingester,
    async ingest(batch) {
      ingester.tick()
      try {
        await ingester.ingest(batch, { deadlineMs: 9_000 })
      } catch (error) {
        if (!(error instanceof RetryLaterError) || error.reason === 'deadline') throw error
      }
    },
  }
}
