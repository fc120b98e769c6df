import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Where the kernel tells of control groups. */
export interface ControlGroupFiles {
  /** The groups of this process. */
  readonly membership: string
  /** The groups of the CPU controller. */
  readonly cpuGroups: string
}

const FILES: ControlGroupFiles = { membership: '/proc/self/cgroup', cpuGroups: '/sys/fs/cgroup/cpu' }

/**
 * The CPUs that control groups of version 1 grant this process: the least quota of its group and those above, per period. Node's own count knows version 2,
 * and of version 1 only machines where the controllers `cpu` and `cpuacct` are mounted as one.
 *
 * @returns `undefined` where there is no quota, or the machine has version 2
 */
export function readCpuQuota(files: ControlGroupFiles = FILES): number | undefined {
  const group = read(files.membership)
    ?.split('\n')
    .map((line) => line.split(':'))
    .find(([, controllers = '']) => controllers.split(',').includes('cpu'))
    ?.slice(2)
    .join(':')
  if (group === undefined) return undefined
  let least: number | undefined
  // A container may see its own group as the root, and its path as the host has it; then only the root is found.
  for (let path = join('/', group); ; path = dirname(path)) {
    const quota = quotaOf(join(files.cpuGroups, path))
    if (quota !== undefined) least = Math.min(quota, least ?? quota)
    if (path === '/') return least
  }
}

/** A quota of -1 is none. */
function quotaOf(folder: string): number | undefined {
  const quota = Number(read(join(folder, 'cpu.cfs_quota_us')) ?? -1)
  const period = Number(read(join(folder, 'cpu.cfs_period_us')) ?? 0)
  return quota > 0 && period > 0 ? quota / period : undefined
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
