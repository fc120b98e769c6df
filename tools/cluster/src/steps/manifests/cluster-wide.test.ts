import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Installation } from '../../installation.ts'
import { Kubectl } from '../../kubectl.ts'
import { ClusterWide } from './cluster-wide.ts'

const installation = new Installation(new Kubectl('none', 'any'), [])

/** Something of a cluster, and what happens to it. */
function label({ isThere = false } = {}) {
  const changes: string[] = []
  const state = { isThere }
  const clusterWide = new ClusterWide({
    make: async () => {
      if (state.isThere) return false
      await turn()
      state.isThere = true
      changes.push('made')
      return true
    },
    remove: async () => {
      await turn()
      state.isThere = false
      changes.push('removed')
    },
  })
  return { clusterWide, changes, state }
}

test('it is made for the first of several, and removed after the last', async () => {
  const { clusterWide, changes, state } = label()
  const work = async (turns: number): Promise<number> => {
    for (let index = 0; index < turns; index++) {
      assert.ok(state.isThere)
      await turn()
    }
    return turns
  }
  const results = await Promise.all([1, 9, 4].map((turns) => clusterWide.during(installation, () => work(turns))))
  assert.deepEqual(results, [1, 9, 4])
  assert.deepEqual(changes, ['made', 'removed'])
})

test('one that comes while it is being removed has it again', async () => {
  const { clusterWide, changes, state } = label()
  const first = clusterWide.during(installation, turn)
  while (state.isThere || changes.length === 0) await turn()
  await clusterWide.during(installation, async () => assert.ok(state.isThere))
  await first
  assert.deepEqual(changes, ['made', 'removed', 'made', 'removed'])
})

test('what was there before stays', async () => {
  const { clusterWide, changes, state } = label({ isThere: true })
  await clusterWide.during(installation, turn)
  assert.deepEqual(changes, [])
  assert.ok(state.isThere)
})

test('it is removed after work that fails', async () => {
  const { clusterWide, changes } = label()
  await assert.rejects(
    clusterWide.during(installation, () => Promise.reject(new Error('no'))),
    /^Error: no$/,
  )
  assert.deepEqual(changes, ['made', 'removed'])
})
