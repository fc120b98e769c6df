import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chooseLoad, MAX_USERS } from './choose-load.ts'
import { planPhases } from './phases.ts'
import type { LoadScript } from './script.ts'
import { ScriptError } from './script-error.ts'
import { shapeProfile } from './shape.ts'

function script(parts: Partial<LoadScript>): LoadScript {
  return {
    path: '/s.yml',
    name: 's.yml',
    digest: '',
    files: new Map(),
    document: { config: {}, scenarios: [] },
    target: 'http://t',
    plan: planPhases([{ duration: 1, arrivalCount: 1 }]),
    shape: undefined,
    ...parts,
  }
}

const planned = script({
  plan: planPhases([
    { duration: 10, arrivalRate: 2, rampTo: 6 },
    { duration: 5, arrivalRate: 6, maxVusers: 9 },
  ]),
})

describe('chooseLoad', () => {
  it('accepts a rate without end, or for a duration', () => {
    assert.equal(chooseLoad(planned, { rate: 3 }).profile.durationSeconds, Number.POSITIVE_INFINITY)
    assert.equal(chooseLoad(planned, { rate: 3, durationSeconds: 4 }).profile.areaAt(99), 12)
    assert.equal(chooseLoad(script({}), { rate: 3 }).maximumUsers, MAX_USERS.open)
  })

  it("keeps the script's duration for a given rate or users, if it is to", () => {
    const options = { keepsDuration: true }
    assert.equal(chooseLoad(planned, { rate: 3 }, options).profile.areaAt(99), 45)
    assert.equal(chooseLoad(planned, { users: 3 }, options).profile.durationSeconds, 15)
    assert.equal(chooseLoad(planned, { rate: 3, durationSeconds: 4 }, options).profile.areaAt(99), 12)
  })

  it('accepts users that start at once or one after the other', () => {
    const { model, profile } = chooseLoad(planned, { users: 20, spawnRate: 2, durationSeconds: 15 })
    assert.equal(model, 'closed')
    assert.ok(chooseLoad(planned, { users: 60_000 }).maximumUsers >= 60_000, 'all of them may run')
    assert.deepEqual(
      [profile.levelAt(0), profile.levelAt(5), profile.levelAt(12), profile.durationSeconds],
      [0, 10, 20, 15],
    )
    assert.equal(
      chooseLoad(planned, { users: 20, spawnRate: 2, durationSeconds: 5 }).profile.levelAt(4.999).toFixed(1),
      '10.0',
    )
  })

  it("uses the script's phases, cut or extended to a duration", () => {
    const { model, profile } = chooseLoad(planned, {})
    assert.deepEqual(
      [model, profile.durationSeconds, profile.areaAt(15), profile.maximumUsersAt(12)],
      ['open', 15, 70, 9],
    )
    assert.equal(chooseLoad(planned, { durationSeconds: 5 }).profile.areaAt(99), 15)
    assert.equal(chooseLoad(planned, { durationSeconds: 20 }).profile.areaAt(99), 100)
  })

  it("prefers the script's shape to its phases", () => {
    const shaped = { ...planned, shape: (second: number) => (second < 4 ? { users: second } : undefined) }
    assert.deepEqual([chooseLoad(shaped, {}).model, chooseLoad(shaped, {}).profile.levelAt(3.5)], ['closed', 3])
  })
})

describe('shapeProfile', () => {
  for (const [name, shape] of [
    ['gives nothing at all', () => undefined],
    ['never ends', () => ({ rate: 1 })],
    ['mixes the models', (second: number) => (second < 1 ? { rate: 1 } : { users: 1 })],
    ['returns a rate that is not a number', () => ({ rate: Number.NaN })],
    ['gives something else', () => 7],
  ] as const) {
    it(`refuses a shape that ${name}`, () => {
      assert.throws(
        () => shapeProfile(shape),
        (error) => error instanceof ScriptError && error.field === 'shape',
      )
    })
  }
})
