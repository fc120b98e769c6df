import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ROOT_CONTEXT } from '@opentelemetry/api'
import { SamplingDecision } from '@opentelemetry/sdk-trace-base'
import { PooledIdGenerator } from './id-generator.ts'
import { RatioSampler } from './ratio-sampler.ts'

const isSampled = (share: number, traceId: string) =>
  new RatioSampler(share).shouldSample(ROOT_CONTEXT, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED

test('the last 56 bits of the trace id decide, and the fraction is their threshold', () => {
  const cases: [share: number, lastDigits: string, sampled: boolean][] = [
    [1, '00000000000000', true],
    [0.5, '80000000000000', true],
    [0.5, '7fffffffffffff', false],
    [0.25, 'c0000000000000', true],
    [0.25, 'bfffffffffffff', false],
    [2 ** -56, 'ffffffffffffff', true],
    [2 ** -56, 'fffffffffffffe', false],
    [1e-300, '10000000000000', false],
  ]
  for (const [share, lastDigits, sampled] of cases) {
    for (const firstDigits of ['000000000000000001', 'ffffffffffffffffff']) {
      assert.equal(isSampled(share, firstDigits + lastDigits), sampled, `${share} of ${lastDigits}`)
    }
  }
})

test('the given fraction of generated ids is sampled, and a larger fraction includes the smaller one', () => {
  const ids = new PooledIdGenerator()
  let few = 0
  let many = 0
  const traces = 100_000
  for (let trace = 0; trace < traces; trace++) {
    const id = ids.generateTraceId()
    if (isSampled(0.3, id)) many++
    if (isSampled(0.01, id)) {
      few++
      assert.ok(isSampled(0.3, id))
    }
  }
  // Six standard deviations.
  assert.ok(Math.abs(few / traces - 0.01) < 0.0019, `${few} of ${traces}`)
  assert.ok(Math.abs(many / traces - 0.3) < 0.0087, `${many} of ${traces}`)
})
