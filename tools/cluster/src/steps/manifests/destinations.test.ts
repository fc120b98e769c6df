import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foldersApplied, overlaysAndComponents } from '../../applied.ts'
import { DESTINATION_COMPOSITIONS } from './destinations.ts'

test('every overlay and component is applied at least once', () => {
  const applied = foldersApplied([
    ...DESTINATION_COMPOSITIONS,
    { base: 'overlays/local', components: ['network-policies', 'autoscaling', 'autoscaling/requests-in-flight'] },
    { base: 'tests/high-availability' },
  ])
  assert.deepEqual(
    overlaysAndComponents().filter((folder) => !applied.has(folder)),
    [],
  )
})
