import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readCpuQuota } from './cpu-quota.ts'

type Quotas = Readonly<Record<string, number>>
const cases: readonly (readonly [title: string, membership: string, quotas: Quotas, cpus: number | undefined])[] = [
  ['a group with a quota', '1:cpu:/pod\n0::/', { '/pod': 150_000 }, 1.5],
  ['controllers that are mounted as one', '4:cpu,cpuacct:/pod\n', { '/pod': 200_000 }, 2],
  ['the least of those above', '1:cpu:/pod/container\n', { '/pod': 50_000, '/pod/container': 100_000 }, 0.5],
  ['no quota', '1:cpu:/pod\n', { '/pod': -1 }, undefined],
  ['a group that is the root as a container sees it', '1:cpu:/kubepods/a/b\n', { '/': 300_000 }, 3],
  ['version 2', '0::/pod\n', { '/pod': 100_000 }, undefined],
  ['another controller', '1:cpuset:/pod\n', { '/pod': 100_000 }, undefined],
]
for (const [title, membership, quotas, cpus] of cases) {
  test(`${title}: ${cpus ?? 'no'} CPUs`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'cgroup-'))
    const files = { membership: join(folder, 'membership'), cpuGroups: join(folder, 'cpu') }
    writeFileSync(files.membership, membership)
    for (const [group, quota] of Object.entries(quotas)) {
      mkdirSync(join(files.cpuGroups, group), { recursive: true })
      writeFileSync(join(files.cpuGroups, group, 'cpu.cfs_quota_us'), `${quota}\n`)
      writeFileSync(join(files.cpuGroups, group, 'cpu.cfs_period_us'), '100000\n')
    }
    assert.equal(readCpuQuota(files), cpus)
  })
}

test('a machine without control groups has no quota', () => {
  assert.equal(readCpuQuota({ membership: '/nonexistent', cpuGroups: '/nonexistent' }), undefined)
})
