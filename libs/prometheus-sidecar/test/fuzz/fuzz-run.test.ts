import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FuzzFinding, type FuzzTarget, fuzz, MAX_INPUT_MS } from './fuzz-run.ts'

const OPTIONS = { seed: 1, inputs: 3 }

function target(run: FuzzTarget['run']): FuzzTarget {
  return { name: 'sample', input: () => Buffer.from('input'), run }
}

function useProcessorMs(durationMs: number): void {
  const before = process.cpuUsage()
  const usedMs = () => {
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
  while (usedMs() < durationMs);
}

describe('fuzz', () => {
  test('counts accepted and rejected inputs', async () => {
    let runs = 0
    const report = await fuzz(
      target(() => (++runs === 2 ? 'refused' : 'taken')),
      OPTIONS,
    )
    assert.deepEqual([report.taken, report.refused], [2, 1])
  })

  test('an input that is slow once, as while code is being compiled, is not a finding', async () => {
    let runs = 0
    const slowOnce = target(() => {
      if (++runs === 1) useProcessorMs(MAX_INPUT_MS + 50)
      return 'taken'
    })
    assert.equal((await fuzz(slowOnce, OPTIONS)).taken, 3)
  })

  test('an input that is slow in each run is a finding', async () => {
    const slow = target(() => {
      useProcessorMs(MAX_INPUT_MS + 50)
      return 'taken'
    })
    await assert.rejects(fuzz(slow, OPTIONS), (error) => {
      assert.ok(error instanceof FuzzFinding)
      assert.match(error.message, /^sample, seed 1, input 0: took \d+ ms of CPU time/)
      return true
    })
  })

  test('an error is a finding', async () => {
    const crashing = target(() => {
      throw new TypeError('no such series')
    })
    await assert.rejects(fuzz(crashing, OPTIONS), /sample, seed 1, input 0: crashed: TypeError: no such series/)
  })
})
