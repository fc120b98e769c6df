import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { BoundResult } from '../contract/run-report.ts'
import { type OutcomeFacts, outcomeOf } from './outcome.ts'

const kept: BoundResult = {
  ...{ text: 'p95: 5', metric: 'http.response_time.p95', comparison: '<', limit: 5, strict: true },
  ...{ value: 1, ok: true },
}
const missed: BoundResult = { ...kept, value: 9, ok: false }
const nothing: OutcomeFacts = {
  failure: undefined,
  bounds: [],
  failedUsers: 0,
  failedRequests: 0,
  suggestedExitCode: 0,
}

describe('outcomeOf', () => {
  const cases: readonly (readonly [name: string, facts: Partial<OutcomeFacts>, verdict: string, exitCode: number])[] = [
    ['no bounds are set', {}, 'no bounds', 0],
    ['the bounds are kept', { bounds: [kept] }, 'passed', 0],
    ['a bound is missed', { bounds: [kept, missed] }, 'failed', 1],
    ['a bound that is not strict is missed', { bounds: [{ ...missed, strict: false }] }, 'passed', 0],
    ['a virtual user failed', { failedUsers: 1 }, 'failed', 1],
    ['a virtual user failed though the bounds are kept', { bounds: [kept], failedUsers: 1 }, 'failed', 1],
    ['a failed request counts', { failedRequests: 3 }, 'failed', 1],
    ['the run could not go on', { failure: 'boom' }, 'failed', 1],
    ['the script suggests an exit code', { suggestedExitCode: 7 }, 'failed', 7],
    ['the script suggests one, and a bound is missed', { suggestedExitCode: 7, bounds: [missed] }, 'failed', 1],
  ]
  for (const [name, facts, verdict, exitCode] of cases) {
    it(`is ${verdict}, exit code ${exitCode}, if ${name}`, () =>
      assert.deepEqual(outcomeOf({ ...nothing, ...facts }), { ok: exitCode === 0, verdict, exitCode }))
  }
})
