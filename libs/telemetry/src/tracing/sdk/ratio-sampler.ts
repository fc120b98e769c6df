import { type Sampler, SamplingDecision, type SamplingResult } from '@opentelemetry/sdk-trace-base'

const SAMPLED: SamplingResult = { decision: SamplingDecision.RECORD_AND_SAMPLED }
const NOT_SAMPLED: SamplingResult = { decision: SamplingDecision.NOT_RECORD }

/** Where the random part of a trace id begins: its last 14 digits are 56 random bits. */
const RANDOM_DIGITS_FROM = 18
const RANDOM_DIGITS = 14
const TWO_TO_56 = 2 ** 56
const MAX_THRESHOLD = 2n ** 56n - 1n

/**
 * Samples a share of traces by their id: those whose last 56 bits are at least a threshold, as OpenTelemetry's samplers do that decide alike in every
 * language (https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/). The SDK's own sampler reads all 32 digits, and makes an
 * object a decision: with 1 % sampled it was the dearest part of tracing.
 */
export class RatioSampler implements Sampler {
  readonly #share: number
  readonly #threshold: string

  /** @param share - of all traces, above 0 and at most 1; the least that it tells from none is 2⁻⁵⁶ */
  constructor(share: number) {
    this.#share = share
    const threshold = BigInt(Math.round((1 - share) * TWO_TO_56))
    this.#threshold = (threshold > MAX_THRESHOLD ? MAX_THRESHOLD : threshold).toString(16).padStart(RANDOM_DIGITS, '0')
  }

  shouldSample(_context: unknown, traceId: string): SamplingResult {
    const threshold = this.#threshold
    // The first digit that differs decides, mostly the first of all; V8 compares whole strings in a call out of compiled code.
    for (let index = 0; index < RANDOM_DIGITS; index++) {
      const difference = traceId.charCodeAt(RANDOM_DIGITS_FROM + index) - threshold.charCodeAt(index)
      if (difference !== 0) return difference > 0 ? SAMPLED : NOT_SAMPLED
    }
    return SAMPLED
  }

  toString(): string {
    return `RatioSampler{${this.#share}}`
  }
}
