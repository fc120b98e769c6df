import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withLayout } from './layout-batch.ts'

test('all steps read before any of them changes the page, and steps added meanwhile are batched too', async () => {
  const log: string[] = []
  const step = (name: string, next?: string) =>
    withLayout(() => {
      log.push(`read ${name}`)
      return () => {
        log.push(`change ${name}`)
        if (next !== undefined) step(next)
      }
    })
  step('a', 'c')
  step('b', 'd')
  withLayout(() => undefined)
  assert.deepEqual(log, [])
  await Promise.resolve()
  await Promise.resolve()
  const round = (...names: string[]): string[] => [
    ...names.map((name) => `read ${name}`),
    ...names.map((name) => `change ${name}`),
  ]
  assert.deepEqual(log, [...round('a', 'b'), ...round('c', 'd')])
})
