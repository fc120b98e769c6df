import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Step, VirtualUserContext } from '../artillery/contract.ts'
import { runSteps } from './sequence.ts'

const never = (): boolean => false

function flow(steps: readonly Step[], shouldStop: (context: VirtualUserContext) => boolean = never): Promise<unknown> {
  return new Promise((resolve) => runSteps(steps, { vars: {} }, shouldStop, (error) => resolve(error ?? undefined)))
}

const add =
  (value: number): Step =>
  (context, done) => {
    context.vars.sum = Number(context.vars.sum ?? 0) + value
    done()
  }

test('steps run in order, whether they end synchronously or later', async () => {
  const order: number[] = []
  const now =
    (id: number): Step =>
    (_context, done) => {
      order.push(id)
      done()
    }
  const later =
    (id: number): Step =>
    (_context, done) => {
      setImmediate(() => {
        order.push(id)
        done()
      })
    }
  assert.equal(await flow([now(1), later(2), now(3), now(4), later(5)]), undefined)
  assert.deepEqual(order, [1, 2, 3, 4, 5])
})

test('100,000 steps that end synchronously do not overflow the stack', async () => {
  assert.equal(await flow(Array.from({ length: 100_000 }, () => add(1))), undefined)
})

test('an error ends the flow', async () => {
  const failure = new Error('no')
  let ran = false
  const last: Step = (_context, done) => {
    ran = true
    done()
  }
  for (const failing of [
    (_context: VirtualUserContext, done: (error: unknown) => void) => done(failure),
    (_context: VirtualUserContext, done: (error: unknown) => void) => setImmediate(() => done(failure)),
    () => {
      throw failure
    },
  ]) {
    assert.equal(await flow([add(1), failing, last]), failure)
  }
  assert.equal(ran, false)
})

test('only the first end of a step counts', async () => {
  let count = 0
  const twice: Step = (_context, done) => {
    done()
    done()
    done(new Error('too late'))
  }
  const counted: Step = (_context, done) => {
    count++
    done()
  }
  assert.equal(await flow([twice, counted]), undefined)
  assert.equal(count, 1)
})

test('a flow that should stop starts no further step', async () => {
  let stop = false
  let count = 0
  const counted: Step = (_context, done) => {
    count++
    stop = count === 2
    done()
  }
  assert.equal(await flow([counted, counted, counted], () => stop), undefined)
  assert.equal(count, 2)
})
