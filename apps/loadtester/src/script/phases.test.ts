import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseDurationSeconds } from './duration.ts'
import { planPhases } from './phases.ts'
import { ScriptError } from './script-error.ts'

describe('planPhases', () => {
  for (const { name, phases, model, seconds, area } of [
    { name: 'a constant rate', phases: [{ duration: 10, arrivalRate: 5 }], model: 'open', seconds: 10, area: 50 },
    { name: 'a fractional rate', phases: [{ duration: '1m', arrivalRate: 0.5 }], model: 'open', seconds: 60, area: 30 },
    { name: 'a ramp', phases: [{ duration: 10, arrivalRate: 0, rampTo: 10 }], model: 'open', seconds: 10, area: 50 },
    { name: 'a count', phases: [{ duration: 4, arrivalCount: 10 }], model: 'open', seconds: 4, area: 10 },
    { name: 'a pause', phases: [{ pause: 3 }, { duration: 1, arrivalRate: 2 }], model: 'open', seconds: 4, area: 2 },
    {
      name: 'texts from the environment',
      phases: [{ duration: '5', arrivalRate: '2' }],
      model: 'open',
      seconds: 5,
      area: 10,
    },
    {
      name: 'users',
      phases: [
        { duration: 10, users: 5 },
        { duration: 10, users: 5, rampTo: 15 },
      ],
      model: 'closed',
      seconds: 20,
      area: 150,
    },
  ]) {
    it(`reads ${name}`, () => {
      const plan = planPhases(phases)
      assert.deepEqual([plan.model, plan.profile.durationSeconds, plan.profile.areaAt(1e6)], [model, seconds, area])
    })
  }

  it('reads the limit of virtual users of each phase, and the names of phases', () => {
    const plan = planPhases([
      { name: 'warm up', duration: 5, arrivalRate: 1, maxVusers: 20 },
      { duration: 5, arrivalRate: 1 },
    ])
    const { profile } = plan
    assert.deepEqual([profile.maximumUsersAt(4), profile.maximumUsersAt(6)], [20, Number.POSITIVE_INFINITY])
    assert.equal(profile.after(2).maximumUsersAt(2), 20)
    assert.deepEqual(plan.phases, [
      { name: 'warm up', startSeconds: 0 },
      { name: 'phase 2', startSeconds: 5 },
    ])
  })

  for (const { name, phases, mode, gives } of [
    { name: 'the phase', phases: [{ duration: 1, arrivalRate: 1, mode: 'poisson' }], gives: ['poisson'] },
    {
      name: 'the config, for phases that say nothing',
      phases: [
        { duration: 1, arrivalRate: 1 },
        { duration: 1, arrivalRate: 1, mode: 'uniform' },
        { duration: 1, arrivalCount: 1 },
      ],
      mode: 'poisson',
      gives: ['poisson', 'uniform', 'uniform'],
    },
    { name: 'nobody', phases: [{ duration: 1, arrivalRate: 1 }], gives: ['uniform'] },
  ]) {
    it(`spaces arrivals by the mode of ${name}`, () => {
      const { profile } = planPhases(phases, mode)
      assert.deepEqual(
        phases.map((_, second) => profile.modeAt(second)),
        gives,
      )
    })
  }

  it('refuses an unknown config.mode', () => {
    assert.throws(() => planPhases([{ duration: 1, arrivalRate: 1 }], 'normal'), {
      field: 'config.mode',
      message: 'config.mode must be "uniform" or "poisson", not "normal"',
    })
  })

  for (const { phases, field, says } of [
    { phases: [], field: 'config.phases', says: /at least one phase/ },
    { phases: 'x', field: 'config.phases', says: /list/ },
    { phases: [7], field: 'config.phases[0]', says: /phase such as/ },
    { phases: [{ duration: 5 }], field: 'config.phases[0]', says: /arrivalRate/ },
    { phases: [{ duration: 5, arrivalRate: Number.NaN }], field: 'config.phases[0].arrivalRate', says: /NaN/ },
    { phases: [{ duration: 5, arrivalRate: -1 }], field: 'config.phases[0].arrivalRate', says: /at least 0, not -1/ },
    { phases: [{ arrivalRate: 1 }], field: 'config.phases[0].duration', says: /number of seconds/ },
    { phases: [{ duration: 'soon', arrivalRate: 1 }], field: 'config.phases[0].duration', says: /"soon"/ },
    {
      phases: [
        { duration: 1, users: 1 },
        { duration: 1, arrivalRate: 1 },
      ],
      field: 'config.phases',
      says: /mixes/,
    },
    {
      phases: [{ duration: 5, arrivalRate: 1, mode: 'normal' }],
      field: 'config.phases[0].mode',
      says: /"uniform" or "poisson", not "normal"/,
    },
    {
      phases: [{ duration: 5, arrivalCount: 1, mode: 'poisson' }],
      field: 'config.phases[0].mode',
      says: /with arrivalRate only/,
    },
    { phases: [{ duration: 5, users: 1, mode: 'poisson' }], field: 'config.phases[0].mode', says: /arrivalRate only/ },
    { phases: [{ duration: '25h', arrivalRate: 1 }], field: 'config.phases', says: /a day/ },
  ]) {
    it(`refuses ${JSON.stringify(phases)}`, () => {
      assert.throws(
        () => planPhases(phases),
        (error) => error instanceof ScriptError && error.field === field && says.test(error.message),
      )
    })
  }
})

describe('parseDurationSeconds', () => {
  for (const [text, seconds] of [
    [90, 90],
    ['90', 90],
    ['500ms', 0.5],
    ['2 m', 120],
    ['1.5 hours', 5400],
    ['1d', 86_400],
    ['', undefined],
    ['1 fortnight', undefined],
    [-1, undefined],
    [Number.NaN, undefined],
    [null, undefined],
  ] as const) {
    it(`reads ${JSON.stringify(text)} as ${seconds}`, () => {
      assert.equal(parseDurationSeconds(text), seconds)
    })
  }
})
