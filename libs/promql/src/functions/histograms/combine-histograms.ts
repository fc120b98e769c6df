import { metricOf, type RangeWindow, rangeOfArgument } from '../../evaluation/range-window.ts'
import { type Combined, IncompatibleHistogramsError } from '../../histogram/arithmetic.ts'
import type { FloatHistogram } from '../../histogram/float-histogram.ts'

/** Combines the histograms of a range; undefined, with a warning, if they can't be combined. */
export function combineOrWarn(
  window: RangeWindow,
  operation: 'addition' | 'subtraction',
  combine: () => Combined,
): FloatHistogram | undefined {
  try {
    const { histogram, boundsReconciled } = combine()
    if (boundsReconciled) window.annotations.boundsReconciled(operation, rangeOfArgument(window))
    return histogram
  } catch (error) {
    if (error instanceof IncompatibleHistogramsError) return warnAboutMixedSchemas(window)
    throw error
  }
}

export function warnAboutMixedSchemas(window: RangeWindow): undefined {
  window.annotations.mixedBucketSchemas(metricOf(window), rangeOfArgument(window))
  return undefined
}
