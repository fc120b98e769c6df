import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ArrivalSequence } from './arrivals.ts'
import { poissonPoints, seedOf } from './poisson.ts'
import { LoadProfile, type LoadSegment } from './profile.ts'

const seed = seedOf('run-1')

function dueTimes(profile: LoadProfile, share = { weights: [1], worker: 0 }, position = 0, until = 1e9): number[] {
  const sequence = new ArrivalSequence(profile, share, position, seed)
  const due: number[] = []
  for (let next = sequence.peek(); next !== undefined && next.dueSeconds < until; next = sequence.peek()) {
    due.push(next.dueSeconds)
    sequence.advance()
  }
  return due
}

function poisson(level: number, durationSeconds: number): LoadSegment {
  return { durationSeconds, from: level, to: level, mode: 'poisson' }
}

function sorted(times: readonly number[]): number[] {
  return [...times].sort((a, b) => a - b)
}

describe('poissonPoints', () => {
  it('returns the same points for the same seed and cell, and different ones otherwise', () => {
    const cells = Array.from({ length: 100 }, (_, cell) => cell)
    const points = cells.flatMap((cell) => poissonPoints(seed, cell))
    assert.deepEqual(
      points,
      cells.flatMap((cell) => poissonPoints(seed, cell)),
    )
    assert.notDeepEqual(
      points,
      cells.flatMap((cell) => poissonPoints(seedOf('run-2'), cell)),
    )
    assert.ok(cells.every((cell) => poissonPoints(seed, cell).every((point) => point >= cell && point < cell + 1)))
  })

  it('has a Poisson distributed number of points per cell: mean 1, variance 1, also beyond 32 bits', () => {
    for (const first of [0, 2 ** 33]) {
      const counts = Array.from({ length: 20_000 }, (_, index) => poissonPoints(seed, first + index).length)
      const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
      const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length
      assert.ok(Math.abs(mean - 1) < 0.04, `mean ${mean}`)
      assert.ok(Math.abs(variance - 1) < 0.06, `variance ${variance}`)
    }
  })
})

describe('a Poisson phase', () => {
  it('has gaps with the coefficient of variation of an exponential distribution', () => {
    const due = dueTimes(new LoadProfile([poisson(100, 100)]))
    const gaps = due.slice(1).map((time, index) => time - (due[index] ?? 0))
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length)
    assert.ok(Math.abs(mean - 0.01) < 0.0005, `mean ${mean}`)
    assert.ok(Math.abs(deviation / mean - 1) < 0.06, `coefficient of variation ${deviation / mean}`)
    assert.deepEqual(due, sorted(due))
  })

  it('is the same for any fleet: each arrival belongs to exactly one worker', () => {
    const profile = new LoadProfile([poisson(50, 20)])
    const fleet = [0, 1, 2].flatMap((worker) => dueTimes(profile, { weights: [1, 2, 1], worker }))
    assert.deepEqual(sorted(fleet), dueTimes(profile))
  })

  it('continues across changes of fleet and load without losing or repeating an arrival', () => {
    const whole = dueTimes(new LoadProfile([poisson(50, 20)]))
    const first = new LoadProfile([poisson(50, 20)])
    const changeAt = 7.013
    const position = first.areaAt(changeAt)
    const before = [0, 1].flatMap((worker) => dueTimes(first, { weights: [1, 1], worker }, 0, changeAt))
    const after = [0, 1, 2].flatMap((worker) =>
      dueTimes(first.after(changeAt), { weights: [3, 1, 1], worker }, position).map((time) => time + changeAt),
    )
    const both = sorted([...before, ...after])
    assert.equal(both.length, whole.length)
    assert.ok(both.every((time, index) => Math.abs(time - (whole[index] ?? 0)) < 1e-6))
  })

  it('can follow and precede uniform phases', () => {
    const even: LoadSegment = { durationSeconds: 10, from: 10, to: 10 }
    const due = dueTimes(new LoadProfile([even, poisson(10, 10), even]))
    const evenPart = due.filter((time) => time < 10)
    assert.deepEqual(
      evenPart.map((time) => Math.round(time * 1000)),
      Array.from({ length: 100 }, (_, index) => index * 100),
    )
    assert.equal(due.filter((time) => time >= 20).length, 100)
    assert.ok(new Set(due.filter((time) => time >= 10 && time < 20).map((time) => time % 0.1)).size > 50)
  })

  it('skips what was due before a time, and ends', () => {
    const profile = new LoadProfile([poisson(20, 10)])
    const sequence = new ArrivalSequence(profile, { weights: [1], worker: 0 }, 0, seed)
    sequence.skipUntil(4)
    assert.equal(
      sequence.peek()?.dueSeconds,
      dueTimes(profile).find((time) => time >= 4),
    )
    sequence.skipUntil(10)
    assert.equal(sequence.peek(), undefined)
  })
})
