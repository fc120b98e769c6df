import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { describe, it } from 'node:test'
import { cpuCores } from './cpu-weight.ts'

const system = availableParallelism()
const v2 = '/sys/fs/cgroup/cpu.max'
const v1 = '/sys/fs/cgroup/cpu/cpu.cfs_quota_us'
const v1Period = '/sys/fs/cgroup/cpu/cpu.cfs_period_us'

describe('cpuCores', () => {
  for (const { name, files, cores } of [
    { name: 'the quota of a cgroup of version 2', files: { [v2]: '50000 100000\n' }, cores: 0.5 },
    { name: 'the system where the quota is more than it has', files: { [v2]: '9900000 100000\n' }, cores: system },
    { name: 'the system where a cgroup has no quota', files: { [v2]: 'max 100000\n' }, cores: system },
    {
      name: 'the quota of a cgroup of version 1',
      files: { [v1]: '25000\n', [v1Period]: '100000\n' },
      cores: 0.25,
    },
    { name: 'the system where version 1 has no quota', files: { [v1]: '-1\n', [v1Period]: '100000\n' }, cores: system },
    { name: 'the system where there is no cgroup', files: {}, cores: system },
  ] as { name: string; files: Record<string, string>; cores: number }[]) {
    it(`is ${name}`, () => {
      const read = (path: string): string => {
        const text = files[path]
        if (text === undefined) throw new Error(`there is no ${path}`)
        return text
      }
      assert.equal(cpuCores(read), cores)
    })
  }
})
