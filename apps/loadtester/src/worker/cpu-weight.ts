import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/**
 * CPU cores that this process may use: the quota of its cgroup (version 2 or 1) where there is one, else what the
 * system has. Workers share a load in proportion to it, so that a bigger pod takes more.
 */
export function cpuCores(read: (path: string) => string = (path) => readFileSync(path, 'utf8')): number {
  const system = availableParallelism()
  return Math.min(system, quotaV2(read) ?? quotaV1(read) ?? system)
}

function quotaV2(read: (path: string) => string): number | undefined {
  const text = attempt(() => read('/sys/fs/cgroup/cpu.max'))
  return text === undefined ? undefined : ratio(...(text.trim().split(/\s+/) as [string, string]))
}

function quotaV1(read: (path: string) => string): number | undefined {
  const quota = attempt(() => read('/sys/fs/cgroup/cpu/cpu.cfs_quota_us'))
  const period = attempt(() => read('/sys/fs/cgroup/cpu/cpu.cfs_period_us'))
  return quota === undefined || period === undefined ? undefined : ratio(quota.trim(), period.trim())
}

function ratio(quota: string, period: string): number | undefined {
  const cores = Number(quota) / Number(period)
  return Number.isFinite(cores) && cores > 0 ? cores : undefined
}

function attempt(read: () => string): string | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
