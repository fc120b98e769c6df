import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { podStateOf } from './pod-state.ts'

const pod = (status: object): object => ({ items: [{ metadata: { name: 'p' }, status }] })
const container = (state: object): object => pod({ containerStatuses: [{ state }] })

describe('podStateOf', () => {
  for (const { name, list, state } of [
    { name: 'no pod', list: { items: [] }, state: { is: 'waiting', why: 'its pod is not created yet' } },
    { name: 'nothing', list: undefined, state: { is: 'waiting', why: 'its pod is not created yet' } },
    {
      name: 'a pod that no node has room for',
      list: pod({ conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes: Insufficient cpu' }] }),
      state: { is: 'waiting', why: '0/1 nodes: Insufficient cpu' },
    },
    {
      name: 'an image that is being pulled',
      list: container({ waiting: { reason: 'ImagePullBackOff', message: 'back-off' } }),
      state: { is: 'waiting', why: 'ImagePullBackOff: back-off' },
    },
    {
      name: 'an image without a name',
      list: container({ waiting: { reason: 'InvalidImageName' } }),
      state: { is: 'stuck', why: 'InvalidImageName' },
    },
    {
      name: 'a pod that was evicted',
      list: pod({ phase: 'Failed', reason: 'Evicted', message: 'the node was low on memory' }),
      state: { is: 'stuck', why: 'Evicted: the node was low on memory' },
    },
    { name: 'a container that runs', list: container({ running: {} }), state: { is: 'started', pod: 'p' } },
    {
      name: 'a container that has ended',
      list: container({ terminated: { exitCode: 17 } }),
      state: { is: 'ended', pod: 'p', exitCode: 17 },
    },
  ]) {
    it(`reads ${name}`, () => assert.deepEqual(podStateOf(list), state))
  }
})
