import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ArrivalSequence } from './arrivals.ts'
import { LoadProfile } from './profile.ts'
import { ArrivalScheduler } from './scheduler.ts'

const alone = { weights: [1], worker: 0 }

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!condition()) {
    assert.ok(performance.now() < deadline, 'it takes too long')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('ArrivalScheduler', () => {
  it('starts every arrival, and none before it is due', async () => {
    const numbers: number[] = []
    let early = 0
    const scheduler = new ArrivalScheduler({
      now: () => performance.now(),
      onArrival: ({ number }, _dueMs, lagMs) => {
        numbers.push(number)
        if (lagMs < 0) early++
      },
    })
    scheduler.follow(
      new ArrivalSequence(new LoadProfile([{ durationSeconds: 0.2, from: 2000, to: 2000 }]), alone),
      performance.now(),
    )
    await until(() => numbers.length === 400)
    assert.equal(early, 0)
    assert.deepEqual(
      numbers,
      Array.from({ length: 400 }, (_, index) => index),
    )
  })

  it('starts late what it could not start in time, and reports how late', () => {
    const lags: number[] = []
    let now = 5000
    const scheduler = new ArrivalScheduler({ now: () => now, onArrival: (_arrival, _due, lagMs) => lags.push(lagMs) })
    now = 6000
    scheduler.follow(new ArrivalSequence(new LoadProfile([{ durationSeconds: 1, from: 4, to: 4 }]), alone), 5000)
    scheduler.stop()
    assert.deepEqual(lags, [1000, 750, 500, 250])
  })

  it('moves to the next load without losing or repeating an arrival, even if it learns about it late', () => {
    const numbers: number[] = []
    let now = 0
    const scheduler = new ArrivalScheduler({ now: () => now, onArrival: ({ number }) => numbers.push(number) })
    const first = LoadProfile.constant(10)
    scheduler.follow(new ArrivalSequence(first, alone), 0)
    now = 1900
    scheduler.follow(new ArrivalSequence(LoadProfile.constant(4), alone, first.areaAt(1)), 1000)
    scheduler.stop()
    assert.deepEqual(
      numbers,
      Array.from({ length: 14 }, (_, index) => index),
    )
  })

  it('starts nothing more after a stop', async () => {
    let begun = 0
    const scheduler = new ArrivalScheduler({ now: () => performance.now(), onArrival: () => begun++ })
    scheduler.follow(new ArrivalSequence(LoadProfile.constant(1000), alone), performance.now())
    await until(() => begun > 5)
    scheduler.stop()
    const atStop = begun
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(begun, atStop)
  })

  it('starts what is due by now when it is stopped', () => {
    const numbers: number[] = []
    let now = 0
    const scheduler = new ArrivalScheduler({ now: () => now, onArrival: ({ number }) => numbers.push(number) })
    scheduler.follow(new ArrivalSequence(LoadProfile.constant(100), alone), 0)
    now = 95
    scheduler.stop()
    assert.equal(numbers.length, 10)
  })

  describe('after a suspension of 8 s', () => {
    const suspend = () => {
      const numbers: number[] = []
      const clock = { now: 0 }
      let suspensions = 0
      const scheduler = new ArrivalScheduler({
        now: () => clock.now,
        onArrival: ({ number }) => numbers.push(number),
        onSuspended: () => suspensions++,
      })
      const profile = LoadProfile.constant(10)
      scheduler.follow(new ArrivalSequence(profile, alone), 0)
      clock.now = 8000
      // A setpoint of that time is read first, though the master has shared the load again since.
      scheduler.follow(new ArrivalSequence(profile, alone, 30), 3000)
      return { scheduler, numbers, clock, suspensions: () => suspensions }
    }

    it('starts nothing that was due meanwhile, and waits for word of the master', () => {
      const { scheduler, numbers, suspensions } = suspend()
      scheduler.stop()
      assert.deepEqual([numbers, suspensions()], [[0], 1])
    })

    it('continues with what is due since then once the master has answered a later message', () => {
      const { scheduler, numbers, clock } = suspend()
      clock.now = 8250
      scheduler.resume(7999)
      assert.deepEqual(numbers, [0])
      scheduler.resume(8001)
      scheduler.stop()
      assert.deepEqual(numbers, [0, 80, 81, 82])
    })

    it('continues with a setpoint that begins later', () => {
      const { scheduler, numbers, clock } = suspend()
      clock.now = 8100
      scheduler.follow(new ArrivalSequence(LoadProfile.constant(10), alone, 80.5), 8050)
      clock.now = 8300
      scheduler.stop()
      assert.deepEqual(numbers, [0, 81, 82, 83])
    })
  })

  describe('with a fence', () => {
    function scheduled(): {
      readonly scheduler: ArrivalScheduler
      readonly numbers: number[]
      at(ms: number): void
    } {
      let now = 0
      const numbers: number[] = []
      const scheduler = new ArrivalScheduler({ now: () => now, onArrival: ({ number }) => numbers.push(number) })
      scheduler.follow(new ArrivalSequence(LoadProfile.constant(10), alone), 0)
      return {
        scheduler,
        numbers,
        at(ms) {
          now = ms
        },
      }
    }

    it('starts nothing that is due after it', () => {
      const { scheduler, numbers, at } = scheduled()
      at(100)
      assert.equal(scheduler.fence(400), 400)
      at(900)
      scheduler.stop()
      assert.deepEqual(numbers, [0, 1, 2, 3])
    })

    it('says where it is if the fence has been passed, and starts nothing after that', () => {
      const { scheduler, numbers, at } = scheduled()
      at(750)
      assert.equal(scheduler.fence(400), 751)
      at(900)
      scheduler.stop()
      assert.deepEqual(numbers, [0, 1, 2, 3, 4, 5, 6, 7])
    })

    it('starts what is due between the fence and the next sequence, and then that one', () => {
      const { scheduler, numbers, at } = scheduled()
      at(100)
      scheduler.fence(200)
      at(700)
      scheduler.follow(new ArrivalSequence(LoadProfile.constant(10), { weights: [1, 1], worker: 0 }, 5), 500)
      at(950)
      scheduler.stop()
      assert.deepEqual(numbers, [0, 1, 2, 3, 4, 6, 8])
    })

    it('goes on as it was when the fence is lifted', () => {
      const { scheduler, numbers, at } = scheduled()
      at(100)
      scheduler.fence(200)
      at(500)
      scheduler.unfence()
      scheduler.stop()
      assert.deepEqual(numbers, [0, 1, 2, 3, 4, 5])
    })

    it('starts nothing while others may have its share, and goes on without loss if they do not', () => {
      const { scheduler, numbers, at } = scheduled()
      at(150)
      scheduler.wait()
      at(500)
      scheduler.goOn()
      scheduler.stop()
      assert.deepEqual(numbers, [0, 1, 2, 3, 4, 5])
    })

    it('drops what has been due for long when it is known that nobody else has its share', () => {
      const { scheduler, numbers, at } = scheduled()
      at(150)
      scheduler.wait()
      at(5000)
      scheduler.goOn()
      scheduler.stop()
      assert.deepEqual(numbers, [0, 50])
    })

    it('drops what was due if it stood still behind the fence for long', () => {
      const { scheduler, numbers, at } = scheduled()
      at(100)
      scheduler.fence(200)
      scheduler.resume(100)
      scheduler.unfence()
      scheduler.fence(200)
      at(3000)
      scheduler.unfence()
      scheduler.resume(3100)
      scheduler.stop()
      assert.deepEqual(numbers, [0, 1, 30])
    })
  })
})
