import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createShutdown, type Shutdown } from './shutdown.ts'

function prepare(timeoutMs = 10_000): { shutdown: Shutdown; exits: number[]; errors: string[] } {
  const exits: number[] = []
  const errors: string[] = []
  const shutdown = createShutdown({ signals: [], timeoutMs, exit: (code) => exits.push(code) })
  shutdown.setLog({ info() {}, error: (_fields, message) => errors.push(message) })
  return { shutdown, exits, errors }
}

test('steps run one after the other, the last added first, after the onBegin callbacks', async () => {
  const { shutdown, exits } = prepare()
  const order: string[] = []
  shutdown.add('first', () => void order.push('first'))
  shutdown.add('second', async () => {
    await new Promise((resolve) => setTimeout(resolve, 10))
    order.push('second')
  })
  shutdown.onBegin(() => order.push(`begun ${shutdown.begun}`))
  await Promise.all([shutdown.begin('test'), shutdown.begin('again')])
  assert.deepEqual(order, ['begun true', 'second', 'first'])
  assert.deepEqual(exits, [0])
})

test('a step that fails does not prevent the others from running; the exit code is 1', async () => {
  const { shutdown, exits, errors } = prepare()
  let ran = false
  shutdown.add('after', () => {
    ran = true
  })
  shutdown.add('failing', () => Promise.reject(new Error('no')))
  await shutdown.begin('test')
  assert.ok(ran)
  assert.deepEqual(exits, [1])
  assert.deepEqual(errors, ['A shutdown step failed.'])
})

test('a step that hangs ends the process at the deadline, with 1', async () => {
  const { shutdown, exits, errors } = prepare(50)
  shutdown.add('hanging', () => new Promise(() => {}))
  void shutdown.begin('test')
  while (exits.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  assert.deepEqual(exits, [1])
  assert.deepEqual(errors, ['The shutdown timed out; the process exits now.'])
})

test('a step that is added during the shutdown still runs', async () => {
  const { shutdown, exits } = prepare()
  let ran = false
  shutdown.add('adding', () =>
    shutdown.add('added', () => {
      ran = true
    }),
  )
  await shutdown.begin('test', 3)
  assert.ok(ran)
  assert.deepEqual(exits, [3])
})

test('an onBegin callback that throws does not prevent the steps from running; the exit code is 1', async () => {
  const { shutdown, exits, errors } = prepare()
  let ran = false
  shutdown.add('after', () => {
    ran = true
  })
  shutdown.onBegin(() => {
    throw new Error('no')
  })
  await shutdown.begin('test')
  assert.ok(ran)
  assert.deepEqual(exits, [1])
  assert.deepEqual(errors, ['A shutdown step failed.'])
})
