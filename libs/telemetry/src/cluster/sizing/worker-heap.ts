import type { GrantedResources } from './worker-count.ts'

const MEBIBYTE = 1024 * 1024
const PRIMARY_MIB = 112
/** What a worker needs beside its old generation: code, libraries, buffers and young generation. */
const BESIDE_OLD_SPACE_MIB = 128
const LEAST_OLD_SPACE_MIB = 48
/** Below this share a worker's young generation is kept small too, at some cost in collections. */
const SMALL_SHARE_MIB = 512

/**
 * Node's options that keep the heaps of all workers within the memory of their cgroup. V8 sizes each heap as if its process had all the memory alone, and
 * under load lets it grow until the kernel kills one.
 *
 * @returns none where there is no limit, or where heap sizes are given already in `nodeOptions`
 */
export function workerHeapOptions(workers: number, granted: GrantedResources, nodeOptions: string): string[] {
  if (granted.memoryBytes === undefined || nodeOptions.includes('max-old-space-size')) return []
  const shareMib = Math.floor((granted.memoryBytes / MEBIBYTE - PRIMARY_MIB) / workers)
  const oldSpaceMib = Math.max(LEAST_OLD_SPACE_MIB, shareMib - BESIDE_OLD_SPACE_MIB)
  return [`--max-old-space-size=${oldSpaceMib}`, ...(shareMib < SMALL_SHARE_MIB ? ['--max-semi-space-size=8'] : [])]
}
