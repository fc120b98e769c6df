import assert from 'node:assert/strict'
import { AsyncResource } from 'node:async_hooks'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { createContextKey, ROOT_CONTEXT } from '@opentelemetry/api'
import { ShallowContextManager } from './context-manager.ts'

const manager = new ShallowContextManager()
const KEY = createContextKey('name')
const named = (name: string) => ROOT_CONTEXT.setValue(KEY, name)
const active = () => manager.active().getValue(KEY)

test('outside any context is the root', () => {
  assert.equal(manager.active(), ROOT_CONTEXT)
})

test('a function runs in its context with its arguments and `this`, and its result is returned', () => {
  const result = manager.with(
    named('a'),
    function (this: { readonly base: number }, one: number, other: number) {
      assert.equal(active(), 'a')
      return this.base + one + other
    },
    { base: 100 },
    10,
    1,
  )
  assert.equal(result, 111)
  assert.equal(active(), undefined)
})

test('contexts nest, and end with their function, even if it throws', () => {
  manager.with(named('outer'), () => {
    assert.throws(() =>
      manager.with(named('inner'), () => {
        assert.equal(active(), 'inner')
        throw new Error('out of order')
      }),
    )
    assert.equal(active(), 'outer')
  })
  assert.equal(active(), undefined)
})

test('asynchronous work of a function has its context, while others have theirs', async () => {
  const emitter = new EventEmitter()
  const follow = async (name: string) => {
    await Promise.resolve()
    assert.equal(active(), name)
    await setTimeout(1)
    assert.equal(active(), name)
    await setImmediate()
    assert.equal(active(), name)
    await once(emitter, 'go')
    assert.equal(active(), name)
    await new Promise<void>((resolve) => process.nextTick(resolve))
    assert.equal(active(), name)
  }
  const followed = ['a', 'b'].map((name) => manager.with(named(name), follow, undefined, name))
  assert.equal(active(), undefined)
  while (emitter.listenerCount('go') < followed.length) await setTimeout(1)
  emitter.emit('go')
  await Promise.all(followed)
})

test('a bound function and a bound emitter keep their context', () => {
  const bound = manager.bind(named('bound'), active)
  const emitter = manager.bind(named('emitter'), new EventEmitter())
  const seen: unknown[] = []
  emitter.on('event', () => seen.push(active()))
  manager.with(named('other'), () => {
    seen.push(bound())
    emitter.emit('event')
  })
  assert.deepEqual(seen, ['bound', 'emitter'])
})

test('an attached context lasts until it is disposed of, which counts once', () => {
  manager.with(named('before'), () => {
    const token = manager.attach(named('attached'))
    assert.equal(active(), 'attached')
    token.dispose()
    assert.equal(active(), 'before')
    manager.with(named('later'), () => {
      token.dispose()
      assert.equal(active(), 'later')
    })
  })
})

test('a context that is entered lasts until the end of the callback; before Node 24 contexts cannot be entered', async () => {
  const { enter } = manager
  if (enter === undefined) return
  const seen: unknown[] = []
  const callback = new AsyncResource('Callback')
  await callback.runInAsyncScope(async () => {
    enter(named('entered'))
    seen.push(active())
    await setTimeout(1)
    seen.push(active())
  })
  seen.push(active(), callback.runInAsyncScope(active))
  assert.deepEqual(seen, ['entered', 'entered', undefined, undefined])
})

test('a manager that is disabled forgets', () => {
  manager.with(named('a'), () => {
    manager.disable()
    assert.equal(manager.active(), ROOT_CONTEXT)
  })
})
