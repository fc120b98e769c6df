import { type Sampler, SamplingDecision, type SamplingResult } from '@opentelemetry/sdk-trace-base'

const SAMPLED: SamplingResult = { decision: SamplingDecision.RECORD_AND_SAMPLED }
const NOT_SAMPLED: SamplingResult = { decision: SamplingDecision.NOT_RECORD }

/** The last 14 digits of a trace id are 56 random bits. */
const RANDOM_DIGITS_START = 18
const RANDOM_DIGITS = 14
const TWO_TO_56 = 2 ** 56
const MAX_THRESHOLD = 2n ** 56n - 1n

/**
 * Samples a fraction of traces by their id: those whose last 56 bits are at least a threshold, like the consistent
 * probability samplers of OpenTelemetry in every language
 * (https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/). The SDK's own sampler reads all 32
 * digits and creates an object for each decision: with 1 % sampled it was the most expensive part of tracing.
 */
export class RatioSampler implements Sampler {
  readonly #share: number
  readonly #threshold: string

  /** @param share of all traces, above 0 and at most 1, in steps of 2⁻⁵⁶ */
  constructor(share: number) {
    this.#share = share
    const threshold = BigInt(Math.round((1 - share) * TWO_TO_56))
    this.#threshold = (threshold > MAX_THRESHOLD ? MAX_THRESHOLD : threshold).toString(16).padStart(RANDOM_DIGITS, '0')
  }

  shouldSample(_context: unknown, traceId: string): SamplingResult {
    return this.isSampled(traceId, 0) ? SAMPLED : NOT_SAMPLED
  }

  /** Whether the trace whose id starts at `start` in `digits` is sampled. */
  isSampled(digits: string, start: number): boolean {
    const threshold = this.#threshold
    // The first digit that differs decides, usually the very first; comparing whole strings is a call out of compiled code.
    for (let index = 0; index < RANDOM_DIGITS; index++) {
      const difference = digits.charCodeAt(start + RANDOM_DIGITS_START + index) - threshold.charCodeAt(index)
      if (difference !== 0) return difference > 0
    }
    return true
  }

  toString(): string {
    return `RatioSampler{${this.#share}}`
  }
}
