import type { ComposedLabels } from './labels-hash.ts'

/**
 * Labels that come after those of another series. Neighbours share most of their names and values, and usually stay
 * neighbours: what two series are known to share need not be compared again. Names and values are numbered from 0, in
 * their order.
 */
export interface FollowingLabels extends ComposedLabels {
  /**
   * Whether these bytes are the same labels. `before` and the bytes have those names and values in common whose bits
   * are set in `shared`.
   */
  areAfter(before: Uint8Array, bytes: Uint8Array, shared: number): boolean
  /**
   * The names and values that these labels are known to have in common with `before`, as bits. None if the labels that
   * come before these have not been found to be `before`.
   */
  sharedWith(before: Uint8Array): number
}

/** As many bits as V8 stores without an object. Names and values beyond that are always compared. */
export const MAX_SHARED = 30
