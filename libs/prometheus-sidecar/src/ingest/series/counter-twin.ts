import { encodeLabels, type Labels } from '../../model/labels/labels.ts'

/** Marks the entry of a second time series, to which the samples of a series are written as a counter. */
const TWIN_LABEL = '__as__'

/** The labels of the twin of a series, in the form of `encodeLabels`. */
export function twinLabels(labels: Labels): Buffer {
  return encodeLabels(new Map(labels).set(TWIN_LABEL, 'counter'))
}

/** Whether labels are those of a twin. */
export function isTwin(labels: Labels): boolean {
  return labels.get(TWIN_LABEL) === 'counter'
}
