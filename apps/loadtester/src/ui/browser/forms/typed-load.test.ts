import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readChange, readLoad, type TypedLoad } from './typed-load.ts'

const typed: TypedLoad = { kind: 'users', level: '10', spawnRate: '', durationSeconds: '' }

describe('a typed load', () => {
  for (const [what, fields, load] of [
    ['users at once', {}, { users: 10 }],
    ['users step by step', { spawnRate: '2.5' }, { users: 10, spawnRate: 2.5 }],
    ['arrivals', { kind: 'rate', level: '0.5', spawnRate: 'x' }, { rate: 0.5 }],
    ['as scripted', { kind: 'script', level: '', durationSeconds: '5m' }, { durationSeconds: 300 }],
  ] as const)
    it(what, () => assert.deepEqual(readLoad({ ...typed, ...fields }), { load, problems: [] }))

  for (const [fields, wrong] of [
    [{ spawnRate: '2,5' }, ['spawnRate']],
    [{ spawnRate: '10/s' }, ['spawnRate']],
    [{ spawnRate: '0' }, ['spawnRate']],
    [{ level: '' }, ['level']],
    [{ level: '-1' }, ['level']],
    [{ level: 'many', spawnRate: '2,5', durationSeconds: 'soon' }, ['level', 'spawnRate', 'durationSeconds']],
  ] as const) {
    it(`${JSON.stringify(fields)} is wrong in ${wrong.join(', ')}`, () => {
      const { problems } = readLoad({ ...typed, ...fields })
      assert.deepEqual(
        problems.map(({ field }) => field),
        wrong,
      )
      for (const { message } of problems) assert.match(message, /^Enter .*, not ".*"\.$/)
    })
  }
})

describe('a change that was typed', () => {
  for (const [kind, level, spawnRate, change, fields] of [
    ['rate', '2.5', '', { rate: 2.5, spawnRate: undefined }, []],
    ['rate', '2.5', '0.5', { rate: 2.5, spawnRate: 0.5 }, []],
    ['users', '20', '5', { users: 20, spawnRate: 5 }, []],
    ['rate', '2,5', '10/s', { rate: undefined, spawnRate: undefined }, ['level', 'spawnRate']],
    ['users', '', '0', { users: undefined, spawnRate: undefined }, ['level', 'spawnRate']],
  ] as const)
    it(`${kind} ${JSON.stringify(level)} by ${JSON.stringify(spawnRate)} a second`, () => {
      const read = readChange(kind, { level, spawnRate })
      assert.deepEqual([read.change, read.problems.map(({ field }) => field)], [change, fields])
    })
})
