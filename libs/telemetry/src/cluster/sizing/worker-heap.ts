import type { GrantedResources } from './worker-count.ts'

const MEBIBYTE = 1024 * 1024
const PRIMARY_MIB = 112
/** Memory of a worker besides its old generation: code, libraries, buffers and young generation. */
const NON_OLD_SPACE_MIB = 128
const MIN_OLD_SPACE_MIB = 48
/** If a worker has less than this, its young generation is kept small too, at the cost of more collections. */
const SMALL_SHARE_MIB = 512

/**
 * Node's options that keep the heaps of all workers within the memory of their control group. V8 sizes each heap as if
 * its process had all the memory to itself, and under load lets it grow until the kernel kills a worker.
 *
 * @returns no options if there is no limit, or if `nodeOptions` already set the heap size
 */
export function workerHeapOptions(workers: number, granted: GrantedResources, nodeOptions: string): string[] {
  if (granted.memoryBytes === undefined || nodeOptions.includes('max-old-space-size')) return []
  const shareMib = Math.floor((granted.memoryBytes / MEBIBYTE - PRIMARY_MIB) / workers)
  const oldSpaceMib = Math.max(MIN_OLD_SPACE_MIB, shareMib - NON_OLD_SPACE_MIB)
  return [`--max-old-space-size=${oldSpaceMib}`, ...(shareMib < SMALL_SHARE_MIB ? ['--max-semi-space-size=8'] : [])]
}
