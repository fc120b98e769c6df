import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'

/** Where the kernel describes control groups. */
export interface ControlGroupFiles {
  /** The control groups of this process. */
  readonly membership: string
  /** The hierarchy of the CPU controller of version 1. */
  readonly cpuGroups: string
  /** The hierarchy of version 2. */
  readonly groups: string
}

const FILES: ControlGroupFiles = {
  membership: '/proc/self/cgroup',
  cpuGroups: '/sys/fs/cgroup/cpu',
  groups: '/sys/fs/cgroup',
}

/** The number of CPUs that this process may use, as a fraction: those of the machine, limited by its control groups. */
export function grantedCpus(files: ControlGroupFiles = FILES): number {
  return Math.min(availableParallelism(), readCpuQuota(files) ?? Number.POSITIVE_INFINITY)
}

/**
 * The CPU quota of this process in control groups of version 1 or 2: the lowest of its group and its ancestors. Node
 * rounds its own count, and in version 1 finds it only if the controllers `cpu` and `cpuacct` are mounted together.
 *
 * @returns `undefined` if there is no quota
 */
export function readCpuQuota(files: ControlGroupFiles = FILES): number | undefined {
  const memberships = (read(files.membership) ?? '').split('\n').map((line) => line.split(':'))
  const groupOf = (isIt: (controllers: string) => boolean) =>
    memberships
      .find(([, controllers]) => controllers !== undefined && isIt(controllers))
      ?.slice(2)
      .join(':')
  const quotas = [
    ...quotasOfAncestors(
      groupOf((controllers) => controllers.split(',').includes('cpu')),
      (group) => quotaOfVersion1(join(files.cpuGroups, group)),
    ),
    ...quotasOfAncestors(
      groupOf((controllers) => controllers === ''),
      (group) => quotaOfVersion2(join(files.groups, group)),
    ),
  ]
  return quotas.length === 0 ? undefined : Math.min(...quotas)
}

/**
 * The quotas of a group and its ancestors. A container may see its own group as the root but the path of the host; then
 * only the root is found.
 */
function quotasOfAncestors(group: string | undefined, quotaOf: (group: string) => number | undefined): number[] {
  if (group === undefined) return []
  const quotas: number[] = []
  for (let path = join('/', group); ; path = dirname(path)) {
    const quota = quotaOf(path)
    if (quota !== undefined) quotas.push(quota)
    if (path === '/') return quotas
  }
}

/** A quota of -1 means no limit. */
function quotaOfVersion1(folder: string): number | undefined {
  return share(read(join(folder, 'cpu.cfs_quota_us')), read(join(folder, 'cpu.cfs_period_us')))
}

/** `cpu.max` holds the quota, or `max` for no limit, and the period. */
function quotaOfVersion2(folder: string): number | undefined {
  const [quota, period] = (read(join(folder, 'cpu.max')) ?? '').trim().split(/\s+/)
  return share(quota, period)
}

function share(quota: string | undefined, period: string | undefined): number | undefined {
  const cpus = Number(quota) / Number(period)
  return Number.isFinite(cpus) && cpus > 0 ? cpus : undefined
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
