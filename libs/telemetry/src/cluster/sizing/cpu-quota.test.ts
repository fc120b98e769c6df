import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type ControlGroupFiles, grantedCpus, readCpuQuota } from './cpu-quota.ts'

/** The quotas of groups: of version 1 in microseconds, of version 2 as they are written. */
type Quotas = Readonly<Record<string, number | string>>
const cases: readonly (readonly [title: string, membership: string, quotas: Quotas, cpus: number | undefined])[] = [
  ['a group with a quota', '1:cpu:/pod\n0::/', { '/pod': 150_000 }, 1.5],
  ['controllers that are mounted together', '4:cpu,cpuacct:/pod\n', { '/pod': 200_000 }, 2],
  ['the lowest of its ancestors', '1:cpu:/pod/container\n', { '/pod': 50_000, '/pod/container': 100_000 }, 0.5],
  ['no quota', '1:cpu:/pod\n', { '/pod': -1 }, undefined],
  ['a group that is the root for the container', '1:cpu:/kubepods/a/b\n', { '/': 300_000 }, 3],
  ['another controller', '1:cpuset:/pod\n', { '/pod': 100_000 }, undefined],
  ['version 2', '0::/pod\n', { '/pod': '50000 100000' }, 0.5],
  ['version 2, the lowest of its ancestors', '0::/a/b\n', { '/a': '25000 100000', '/a/b': '50000 100000' }, 0.25],
  ['version 2, for a container', '0::/\n', { '/': '150000 100000' }, 1.5],
  ['version 2 without a quota', '0::/pod\n', { '/pod': 'max 100000' }, undefined],
]

function controlGroups(membership: string, quotas: Quotas): ControlGroupFiles {
  const folder = mkdtempSync(join(tmpdir(), 'cgroup-'))
  const files = {
    membership: join(folder, 'membership'),
    cpuGroups: join(folder, 'cpu'),
    groups: join(folder, 'unified'),
  }
  writeFileSync(files.membership, membership)
  const write = (group: string, name: string, text: string) => {
    mkdirSync(group, { recursive: true })
    writeFileSync(join(group, name), `${text}\n`)
  }
  for (const [group, quota] of Object.entries(quotas)) {
    if (typeof quota === 'string') {
      write(join(files.groups, group), 'cpu.max', quota)
    } else {
      write(join(files.cpuGroups, group), 'cpu.cfs_quota_us', String(quota))
      write(join(files.cpuGroups, group), 'cpu.cfs_period_us', '100000')
    }
  }
  return files
}

for (const [title, membership, quotas, cpus] of cases) {
  test(`${title}: ${cpus ?? 'no'} CPUs`, () => {
    const files = controlGroups(membership, quotas)
    assert.equal(readCpuQuota(files), cpus)
    assert.equal(grantedCpus(files), Math.min(availableParallelism(), cpus ?? Number.POSITIVE_INFINITY))
  })
}

test('a machine without control groups has no quota', () => {
  const files = { membership: '/nonexistent', cpuGroups: '/nonexistent', groups: '/nonexistent' }
  assert.equal(readCpuQuota(files), undefined)
  assert.equal(grantedCpus(files), availableParallelism())
})
