import { grantedCpus } from './cpu-quota.ts'

/** What a machine or a control group grants a service. */
export interface GrantedResources {
  /** CPUs, rounded down; at least 1. */
  readonly cpus: number
  /** Bytes that all processes together may use; `undefined` if there is no limit. */
  readonly memoryBytes: number | undefined
}

const MEBIBYTE = 1024 * 1024
/** Memory of the primary, including its startup. */
const PRIMARY_BYTES = 112 * MEBIBYTE
/** Memory of a worker with all its libraries under load, with traces. */
const WORKER_BYTES = 192 * MEBIBYTE

/** The number of workers of a service: one per CPU, but no more than fit into its memory, and at least one. */
export function chooseWorkerCount(granted: GrantedResources = readGrantedResources()): number {
  const fitting =
    granted.memoryBytes === undefined ? granted.cpus : Math.floor((granted.memoryBytes - PRIMARY_BYTES) / WORKER_BYTES)
  return Math.max(1, Math.min(granted.cpus, fitting))
}

/** The resources that the control group of this process grants it; without one, those of the machine. */
export function readGrantedResources(): GrantedResources {
  const limit = process.constrainedMemory()
  // Without a limit the kernel reports 0 or a number close to 2^63.
  const isLimited = limit > 0 && limit < 2 ** 50
  const cpus = Math.max(1, Math.floor(grantedCpus()))
  return { cpus, memoryBytes: isLimited ? limit : undefined }
}
