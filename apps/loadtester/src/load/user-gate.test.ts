import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UserGate } from './user-gate.ts'
import { UserPool } from './user-pool.ts'

/** A pool behind a gate, on a clock of the test; its iterations end when the test says so. */
function createUsers(users: number) {
  const clock = { ms: 1000 }
  const ends: (() => void)[] = []
  let suspended = 0
  let begun = 0
  const gate: UserGate = new UserGate({
    now: () => clock.ms,
    onOpen: () => pool.continue(),
    onSuspended: () => suspended++,
  })
  const pool: UserPool = new UserPool({
    mayBegin: () => gate.isOpen,
    iterate: (onEnd) => {
      begun++
      ends.push(() => onEnd(undefined))
    },
  })
  gate.follow(0)
  pool.setTarget(users)
  return {
    ...{ clock, gate, pool },
    begun: () => begun,
    suspended: () => suspended,
    async endAll() {
      for (const end of ends.splice(0)) end()
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

describe('UserGate', () => {
  it('lets nobody begin behind a fence, and says where that is', async () => {
    const { clock, gate, begun, endAll } = createUsers(3)
    assert.equal(gate.fence(1060), 1060)
    clock.ms = 1050
    await endAll()
    assert.equal(begun(), 6, 'before the fence users go on')
    clock.ms = 1060
    await endAll()
    assert.equal(begun(), 6)
    assert.equal(gate.fence(1000), 1061, 'a moment that has passed')
    gate.unfence()
    assert.equal(begun(), 9)
  })

  it('gives users that wait to the next share, and no more than it has', async () => {
    const { clock, gate, pool, begun, endAll } = createUsers(3)
    gate.fence(1010)
    clock.ms = 1020
    await endAll()
    pool.setTarget(5)
    assert.equal(pool.users, 3, 'nobody joins behind a fence')
    pool.setTarget(2)
    gate.follow(1020)
    assert.equal(begun(), 5)
    assert.equal(pool.users, 2)
  })

  it('lets nobody begin while others may have the users', async () => {
    const { gate, begun, endAll } = createUsers(2)
    gate.wait()
    await endAll()
    assert.equal(begun(), 2)
    gate.goOn()
    assert.equal(begun(), 4)
  })

  it('lets nobody begin after a suspension, until the master has answered a later message', async () => {
    const { clock, gate, begun, suspended, endAll } = createUsers(2)
    clock.ms = 9000
    await endAll()
    assert.equal(suspended(), 1)
    assert.equal(begun(), 2)
    gate.resume(8000)
    assert.equal(begun(), 2, 'it was sent before')
    gate.resume(9001)
    assert.equal(begun(), 4)
  })

  it('counts no users any more that wait when the load ends', async () => {
    const { clock, gate, pool, endAll } = createUsers(2)
    gate.fence(1010)
    clock.ms = 1020
    await endAll()
    pool.stop()
    assert.equal(pool.users, 0)
  })
})
