/**
 * Whether a step with this `probability`, in percent, runs this time. Anything but a number counts as 0, as in
 * Artillery. 100 always runs: Artillery draws one of 101 numbers and leaves such a step out once in 101 times.
 */
export function isDrawn(probability: unknown): boolean {
  return Math.random() * 100 < Number(probability)
}
