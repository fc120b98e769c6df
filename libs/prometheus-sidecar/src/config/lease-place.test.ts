import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseLeasePlace } from './lease-place.ts'

for (const [text, expected] of [
  ['kubernetes', { kind: 'kubernetes', namespace: '', name: 'prometheus-sidecar' }],
  ['kubernetes:mine', { kind: 'kubernetes', namespace: '', name: 'mine' }],
  ['kubernetes:monitoring/shard-0', { kind: 'kubernetes', namespace: 'monitoring', name: 'shard-0' }],
  ['file:/shared/lease', { kind: 'file', folder: '/shared/lease' }],
  ['file:', undefined],
  ['kubernetes:', undefined],
  ['kubernetes:Upper/x', undefined],
  ['kubernetes:a/b/c', undefined],
  ['etcd:x', undefined],
  ['', undefined],
] as const) {
  it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(parseLeasePlace(text), expected))
}
