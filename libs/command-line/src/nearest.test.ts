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
  ['x', undefined],
  ['xyzzy', undefined],
  ['', undefined],
] as const) {
  test(`${JSON.stringify(word)}: ${expected}`, () => assert.equal(nearest(word, OPTIONS), expected))
}
