import type { ConversionRules } from '../../src/convert/conversion-rules.ts'

/** Rules without any option: every sample is converted under its own name. */
export const PLAIN_RULES: Omit<ConversionRules, 'metricsPrefix' | 'resourceDefaults'> = {
  format: 'external',
  useGkeResource: false,
  targetlessResource: undefined,
  include: [],
  intervals: [],
  metricRenames: new Map(),
  staticMetadata: new Map(),
  externalLabels: new Map(),
  formerExternalLabels: [],
  minSamplingPeriodMs: 0,
}
