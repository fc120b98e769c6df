import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Tally } from '../results/tally.ts'
import { encodeTally } from '../results/tally-codec.ts'
import { FleetClock } from './fleet-clock.ts'
import { ProtocolError, parseMasterMessage, parseWorkerMessage } from './wire-format.ts'

const gauges = { users: 1, inFlight: 0, utilization: 0.1, cpuCores: 0.2, memoryBytes: 1e6 }
const report = { runId: 'r', sequence: 1, epoch: 1, windowMs: 1000, untilMs: 1250, tally: new Tally(), gauges }
const setpoint = {
  runId: 'r',
  epoch: 1,
  model: 'open',
  runStartMs: 1,
  activeMs: 0,
  startMs: 1,
  firstPosition: 0,
  segments: [{ durationSeconds: null, from: 1, to: 1 }],
  workers: [{ id: 'a', weight: 1, users: 0 }],
  maximumUsers: 10,
}

const hello = { type: 'hello', protocol: 1, version: '0.1.0', id: 'a', name: 'a', weight: 2 }

/** Tallies as they are on the wire. */
function encodeTallies(_key: string, value: unknown): unknown {
  return value instanceof Tally ? encodeTally(value) : value
}

describe('messages', () => {
  it('from a worker are read', () => {
    for (const message of [
      hello,
      { type: 'report', report },
      { type: 'hookEnded', runId: 'r', hook: 'before', variables: { id: 42 } },
      { type: 'leaving' },
    ]) {
      assert.deepEqual(parseWorkerMessage(JSON.stringify(message, encodeTallies)), message)
    }
  })

  it('from a master are read', () => {
    assert.deepEqual(parseMasterMessage(JSON.stringify({ type: 'setpoint', setpoint })), { type: 'setpoint', setpoint })
  })

  for (const [name, data] of [
    ['no JSON', '{'],
    ['null', 'null'],
    ['no type', '{}'],
    ['a type that is none', '{"type":"destroy"}'],
    ['a type of every object', '{"type":"constructor"}'],
    ['a field that is missing', '{"type":"ping"}'],
    ['a field of another type', '{"type":"ping","sentMs":"now"}'],
    [
      'a report with a negative sequence',
      JSON.stringify({ type: 'report', report: { ...report, sequence: -1 } }, encodeTallies),
    ],
    ...[1e300, 1e-9, -1, null].map(
      (weight) => [`a weight of ${weight}`, JSON.stringify({ ...hello, weight })] as const,
    ),
    ...(['sequence', 'epoch', 'untilMs'] as const).map(
      (field) =>
        [
          `a report whose ${field} is 1e300`,
          JSON.stringify({ type: 'report', report: { ...report, [field]: 1e300 } }, encodeTallies),
        ] as const,
    ),
    ...(['users', 'inFlight', 'utilization', 'cpuCores', 'memoryBytes'] as const).map(
      (field) =>
        [
          `a report with ${field} of 1e300`,
          JSON.stringify(
            { type: 'report', report: { ...report, gauges: { ...gauges, [field]: 1e300 } } },
            encodeTallies,
          ),
        ] as const,
    ),
    ['an answer to a fence of 1e300', JSON.stringify({ type: 'fenced', number: 1, untilMs: 1e300 })],
    ['a second of 1e300', JSON.stringify({ type: 'report', report: { ...report, windowMs: 1e300 } }, encodeTallies)],
    ['a report without gauges', JSON.stringify({ type: 'report', report: { ...report, gauges: {} } }, encodeTallies)],
    ['a report whose tally is none', JSON.stringify({ type: 'report', report: { ...report, tally: {} } })],
    ['a hook that is none', '{"type":"hookEnded","runId":"r","hook":"during","variables":{}}'],
    ['too much', `{"type":"ping","sentMs":1,"x":"${'x'.repeat(9_000_000)}"}`],
  ] as const) {
    it(`are refused: ${name}`, () => {
      assert.throws(() => parseWorkerMessage(data), ProtocolError)
    })
  }

  for (const [name, change] of [
    ['a negative rate', { segments: [{ durationSeconds: 1, from: -1, to: 1 }] }],
    ['an unknown mode', { segments: [{ durationSeconds: 1, from: 1, to: 1, mode: 'normal' }] }],
    ['an epoch of 1e300', { epoch: 1e300 }],
    ['a position of 1e300', { firstPosition: 1e300 }],
    ['a rate of 1e300', { segments: [{ durationSeconds: 1, from: 1e300, to: 1 }] }],
    ['a time under load of 1e300', { activeMs: 1e300 }],
    ['an unknown model', { model: 'half-open' }],
    ['too many workers', { workers: Array.from({ length: 20_000 }, () => setpoint.workers[0]) }],
  ] as const) {
    it(`are refused: a setpoint with ${name}`, () => {
      assert.throws(
        () => parseMasterMessage(JSON.stringify({ type: 'setpoint', setpoint: { ...setpoint, ...change } })),
        ProtocolError,
      )
    })
  }
})

describe('FleetClock', () => {
  it("takes the master's clock from the answer with the shortest round trip", () => {
    const clock = new FleetClock()
    clock.addAnswer({ sentMs: 1000, masterMs: 6100, receivedMs: 1200 })
    assert.equal(clock.offsetMs, 5000)
    clock.addAnswer({ sentMs: 2000, masterMs: 7005, receivedMs: 2002 })
    assert.equal(clock.offsetMs, 5004)
    clock.addAnswer({ sentMs: 3000, masterMs: 9000, receivedMs: 3500 })
    assert.equal(clock.offsetMs, 5004)
  })
})
