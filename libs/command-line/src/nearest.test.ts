import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearest } from './nearest.ts'

const OPTIONS = ['target', 'rate', 'users', 'stackdriver.project-id', 'log.level', 'json']

for (const [word, expected] of [
  ['tarrget', 'target'],
  ['targte', 'target'],
  ['TARGET', 'target'],
  ['user', 'users'],
  ['stackdriver.project', 'stackdriver.project-id'],
  ['stackdriver.projectid', 'stackdriver.project-id'],
  ['loglevel', 'log.level'],
  ['jsn', 'json'],
  ['josn', 'json'],
  ['jobs', undefined],
  ['t'.repeat(100_000), undefined],
  ['x', undefined],
  ['xyzzy', undefined],
  ['', undefined],
] as const) {
  test(`${JSON.stringify(word.slice(0, 40))}: ${expected}`, () => assert.equal(nearest(word, OPTIONS), expected))
}
