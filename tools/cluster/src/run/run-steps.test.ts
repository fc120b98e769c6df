import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Installation } from '../installation.ts'
import { Kubectl } from '../kubectl.ts'
import type { Step } from '../step.ts'
import { type RunOptions, type RunReport, runSteps } from './run-steps.ts'

const installationOf = (namespace: string): Installation => new Installation(new Kubectl('none', namespace), [])

/** Runs steps that take some turns of the event loop, and returns what happened in order. */
async function events(
  steps: readonly { name: string; turns: number; isIndependent?: boolean; fails?: boolean }[],
  { atOnce, stays, abortAfter }: { atOnce?: number; stays?: string; abortAfter?: string } = {},
): Promise<{ report: RunReport; events: string[]; most: number }> {
  const happened: string[] = []
  let running = 0
  let most = 0
  let count = 0
  const ending = new AbortController()
  const options: RunOptions = {
    installation: installationOf('shared'),
    create: () => installationOf(`own-${++count}`),
    remove: async ({ namespace }) => {
      if (namespace === stays) throw new Error(`${namespace} stays`)
      happened.push(`removed ${namespace}`)
    },
    print: (line) => void happened.push(line.replaceAll(/ +\d+ s +/g, ' ')),
    signal: ending.signal,
    ...(atOnce === undefined ? {} : { atOnce }),
  }
  const real = steps.map(
    ({ name, turns, isIndependent = false, fails = false }): Step => ({
      name,
      short: true,
      isIndependent,
      async run({ installation, another }) {
        most = Math.max(most, ++running)
        const { namespace } = isIndependent ? another() : installation
        for (let index = 0; index < turns; index++) await turn()
        running -= 1
        if (name === abortAfter) ending.abort()
        if (fails) throw new Error(`not in ${namespace}`)
        return `in ${namespace}`
      },
    }),
  )
  return { report: await runSteps(real, options), events: happened, most }
}

test('steps run in order, one at a time; what a step made is removed after it, also if it failed', async () => {
  const steps = [
    { name: 'a', turns: 2 },
    { name: 'b', turns: 1, isIndependent: true, fails: true },
    { name: 'c', turns: 0 },
  ]
  const { report, events: happened, most } = await events(steps)
  assert.deepEqual(happened, ['ok a: in shared', 'FAILED b: not in own-1', 'removed own-1', 'ok c: in shared'])
  assert.deepEqual(report, { passed: 2, failed: 1 })
  assert.equal(most, 1)
})

test('independent steps run beside the others, which keep their order; the first one runs alone', async () => {
  const steps = [
    { name: 'first', turns: 5 },
    { name: 'second', turns: 20 },
    { name: 'third', turns: 1 },
    { name: 'own, short', turns: 3, isIndependent: true },
    { name: 'own, long', turns: 50, isIndependent: true },
    { name: 'own, middle', turns: 10, isIndependent: true },
  ]
  const { report, events: happened, most } = await events(steps, { atOnce: 3 })
  const order = happened.filter((line) => line.startsWith('ok')).map((line) => line.split(':')[0]?.slice(3))
  assert.deepEqual(order, ['first', 'own, short', 'own, middle', 'second', 'third', 'own, long'])
  assert.deepEqual(report, { passed: 6, failed: 0 })
  assert.equal(most, 3)
})

test('no more than one step at a time works on the shared installation', async () => {
  const steps = Array.from({ length: 6 }, (_, index) => ({ name: String(index), turns: 6 - index }))
  const { events: happened, most } = await events(steps, { atOnce: 4 })
  assert.deepEqual(
    happened,
    steps.map(({ name }) => `ok ${name}: in shared`),
  )
  assert.equal(most, 1)
})

test('a step whose installation can’t be removed has failed, and the next one runs', async () => {
  const steps = [
    { name: 'a', turns: 1, isIndependent: true },
    { name: 'b', turns: 1, isIndependent: true },
  ]
  const { report, events: happened } = await events(steps, { stays: 'own-1' })
  assert.deepEqual(happened, ['ok a: in own-1', 'FAILED a: own-1 stays', 'ok b: in own-2', 'removed own-2'])
  assert.deepEqual(report, { passed: 1, failed: 1 })
})

test('no step starts once the run is to end; what runs is reported, and its installation removed', async () => {
  const steps = [
    { name: 'first', turns: 0 },
    { name: 'short', turns: 1 },
    { name: 'long', turns: 9, isIndependent: true },
    { name: 'not started', turns: 0 },
    { name: 'not started either', turns: 0, isIndependent: true },
  ]
  const { report, events: happened } = await events(steps, { atOnce: 2, abortAfter: 'short' })
  assert.deepEqual(happened, ['ok first: in shared', 'ok short: in shared', 'ok long: in own-1', 'removed own-1'])
  assert.deepEqual(report, { passed: 3, failed: 0 })
})
