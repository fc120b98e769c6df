import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Summary } from '../../contract/summary.ts'
import { type Api, createApi } from './client/api.ts'
import { type EarlyAnswers, withEarlyAnswers } from './early-answers.ts'

const EARLY: Pick<Summary, 'project'> = { project: 'early' }
const LATE: Pick<Summary, 'project'> = { project: 'late' }

/** Endpoints that say which of them were asked. */
function watchedApi(asked: string[]): Api {
  return {
    ...createApi('p'),
    summary: async () => {
      asked.push('summary')
      // Nobody reads more of it.
      return LATE as Summary
    },
    dashboards: async () => {
      asked.push('dashboards')
      return []
    },
  }
}

test('an early answer is taken once, then the server is asked', async () => {
  const asked: string[] = []
  const early: EarlyAnswers = {
    summary: Promise.resolve(EARLY as Summary),
    dashboards: Promise.resolve([{ displayName: 'early' }]),
  }
  const api = withEarlyAnswers(watchedApi(asked), early)
  assert.equal((await api.summary()).project, 'early')
  assert.deepEqual(await api.dashboards(), [{ displayName: 'early' }])
  assert.deepEqual(asked, [])
  assert.equal((await api.summary()).project, 'late')
  assert.deepEqual(await api.dashboards(), [])
  assert.deepEqual(asked, ['summary', 'dashboards'])
})

test('what was not asked for early is asked for', async () => {
  const asked: string[] = []
  const summary = Promise.resolve(EARLY as Summary)
  assert.deepEqual(await withEarlyAnswers(watchedApi(asked), { summary, dashboards: undefined }).dashboards(), [])
  assert.equal((await withEarlyAnswers(watchedApi(asked), undefined).summary()).project, 'late')
  assert.deepEqual(asked, ['dashboards', 'summary'])
})
