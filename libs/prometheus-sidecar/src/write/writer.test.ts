import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { protos } from '@google-cloud/monitoring'
import { status } from '@grpc/grpc-js'
import { collectGarbage } from '../../test/testing/collect-garbage.ts'
import { type PointOutcome, type QueuedPoint, SeriesQueue } from './series-queue.ts'
import { encodeIdentity } from './time-series-encoding.ts'
import { Writer, type WriterOptions } from './writer.ts'

const { CreateTimeSeriesRequest } = protos.google.monitoring.v3

class FakeApiError extends Error {
  readonly code: number
  readonly details: Uint8Array | undefined

  constructor(code: number, message: string, details?: Uint8Array) {
    super(message)
    this.code = code
    this.details = details
  }
}

type Written = { type: string; value: number }

/** A writer to a function that receives decoded requests; what it throws is the API's response. */
function startWriter(
  answer: (series: Written[], request: number) => void | Promise<void>,
  options: Partial<WriterOptions> = {},
) {
  const requests: Written[][] = []
  const retries: number[] = []
  const writer = new Writer({
    projectName: 'projects/demo',
    backoff: { baseMs: 1, maxMs: 4 },
    waitBackoff: { baseMs: 1, maxMs: 4 },
    observer: { requestEnded: () => {}, retrying: ({ code }) => retries.push(code) },
    createTimeSeries: async (bytes) => {
      const request = CreateTimeSeriesRequest.decode(bytes)
      const series = request.timeSeries.map(({ metric, points }) => ({
        type: metric?.type ?? '',
        value: points?.[0]?.value?.doubleValue ?? Number.NaN,
      }))
      requests.push(series)
      await answer(series, requests.length)
    },
    ...options,
  })
  return { writer, requests, retries }
}

class NamedQueue extends SeriesQueue {
  readonly metricType: string

  constructor(metricType: string, identity: Uint8Array) {
    super(identity, false)
    this.metricType = metricType
  }
}

function queue(metricType: string): NamedQueue {
  const identity = encodeIdentity({
    metricType,
    metricLabels: new Map(),
    resourceType: 'global',
    resourceLabels: new Map(),
    metricKind: 'GAUGE',
    valueType: 'DOUBLE',
  })
  return new NamedQueue(metricType, identity)
}

function point(value: number, settle: (outcome: PointOutcome) => void, mark = false): QueuedPoint {
  return {
    point: mark ? undefined : { startMs: undefined, endMs: value, value },
    attempted: false,
    settled: false,
    sequence: 0,
    next: undefined,
    settle,
  }
}

/** Queues a point for each value; returns the outcomes, in the order of settling, once all are settled. */
async function write(
  writer: Writer,
  points: readonly (readonly [NamedQueue, number])[],
): Promise<Record<string, string[]>> {
  const outcomes: Record<string, string[]> = {}
  await Promise.all(
    points.map(([queue, value]) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const queued = point(value, ({ kind }) => {
        outcomes[queue.metricType] ??= []
        outcomes[queue.metricType]?.push(`${value} ${kind}`)
        resolve()
      })
      writer.enqueue(queue, queued)
      return promise
    }),
  )
  return outcomes
}

const RATE =
  'One or more points were written more frequently than the maximum sampling period configured for the metric.'
const ORDER =
  'Points must be written in order. One or more of the points specified had an older end time than the most recent point.'

function summary(total: number, success: number, errors: readonly { code: number; message: string; points: number }[]) {
  const value = protos.google.monitoring.v3.CreateTimeSeriesSummary.encode({
    totalPointCount: total,
    successPointCount: success,
    errors: errors.map(({ code, message, points }) => ({ status: { code, message }, pointCount: points })),
  }).finish()
  const type_url = 'type.googleapis.com/google.monitoring.v3.CreateTimeSeriesSummary'
  return protos.google.rpc.Status.encode({ code: 3, details: [{ type_url, value }] }).finish()
}

describe('Writer', () => {
  it('writes at most 200 series per request, with one point each', async () => {
    const { writer, requests } = startWriter(() => {})
    const queues = Array.from({ length: 450 }, (_, index) => queue(`m/${index}`))
    await write(writer, [...queues.map((queue) => [queue, 1] as const), ...queues.map((queue) => [queue, 2] as const)])
    assert.equal(requests.flat().length, 900)
    for (const request of requests) {
      assert.ok(request.length <= 200)
      assert.equal(new Set(request.map(({ type }) => type)).size, request.length)
    }
  })

  it('keeps requests below the limit of gRPC servers, however long the labels', async () => {
    const lengths: number[] = []
    const { writer } = startWriter(() => {}, { createTimeSeries: async (bytes) => void lengths.push(bytes.length) })
    const queues = Array.from({ length: 200 }, (_, index) => queue(`m/${index}/${'x'.repeat(40_000)}`))
    await write(
      writer,
      queues.map((queue) => [queue, 1] as const),
    )
    assert.ok(lengths.length >= 4 && lengths.every((length) => length < 4 * 1024 * 1024), lengths.join())
    assert.ok(lengths.reduce((sum, length) => sum + length, 0) > 200 * 40_000)
  })

  it('sets a timeout of ten seconds', async () => {
    const timeoutsMs: number[] = []
    const { writer } = startWriter(() => {}, {
      createTimeSeries: async (_, { timeoutMs }) => void timeoutsMs.push(timeoutMs),
    })
    await write(writer, [[queue('a'), 1]])
    assert.deepEqual(timeoutsMs, [10_000])
  })

  it('writes the points of a series in order, each when the previous one is settled', async () => {
    const inFlight = new Set<string>()
    const { writer, requests } = startWriter(async (series) => {
      for (const { type } of series) assert.ok(!inFlight.has(type), `${type} is in flight twice`)
      for (const { type } of series) inFlight.add(type)
      await sleep(Math.random() * 3)
      for (const { type } of series) inFlight.delete(type)
      if (Math.random() < 0.3) throw new FakeApiError(status.UNAVAILABLE, 'try again')
    })
    const queues = ['a', 'b', 'c'].map(queue)
    const outcomes = await write(
      writer,
      [1, 2, 3, 4, 5].flatMap((value) => queues.map((queue) => [queue, value] as const)),
    )
    for (const queue of queues) {
      assert.deepEqual(
        outcomes[queue.metricType],
        [1, 2, 3, 4, 5].map((value) => `${value} stored`),
      )
    }
    assert.ok(requests.length >= 5)
  })

  for (const code of [
    status.UNAVAILABLE,
    status.DEADLINE_EXCEEDED,
    status.RESOURCE_EXHAUSTED,
    status.ABORTED,
    status.INTERNAL,
    status.PERMISSION_DENIED,
  ]) {
    it(`retries after ${status[code]}`, async () => {
      const { writer, retries } = startWriter((_, request) => {
        if (request < 4) throw new FakeApiError(code, 'not now')
      })
      assert.deepEqual(await write(writer, [[queue('a'), 1]]), { a: ['1 stored'] })
      assert.deepEqual(retries, [code, code, code])
    })
  }

  it('keeps the points that were written by a partly refused request', async () => {
    const { writer, requests } = startWriter((series) => {
      if (series.length < 3) return
      const message = `One or more TimeSeries could not be written: Value type for metric T must be INT64, but is DOUBLE.: timeSeries[1]`
      throw new FakeApiError(3, message, summary(3, 2, [{ code: 3, message: 'Value type', points: 1 }]))
    })
    const outcomes = await write(
      writer,
      ['a', 'b', 'c'].map((type) => [queue(type), 1] as const),
    )
    assert.deepEqual(outcomes, { a: ['1 stored'], b: ['1 refused'], c: ['1 stored'] })
    assert.equal(requests.length, 1)
  })

  it('resends the others if the invalid point is named and nothing was written', async () => {
    const { writer, requests } = startWriter((series) => {
      const culprit = series.findIndex(({ type }) => type === 'b')
      if (culprit >= 0) {
        throw new FakeApiError(
          3,
          `Field timeSeries[${culprit}].points[0].interval.end_time had an invalid value of "x": too old.`,
        )
      }
    })
    const outcomes = await write(
      writer,
      ['a', 'b', 'c'].map((type) => [queue(type), 1] as const),
    )
    assert.deepEqual(outcomes, { a: ['1 stored'], b: ['1 refused'], c: ['1 stored'] })
    assert.deepEqual(
      requests.map((request) => request.map(({ type }) => type)),
      [
        ['a', 'b', 'c'],
        ['a', 'c'],
      ],
    )
  })

  it('halves a refused request until the invalid point is found', async () => {
    const { writer } = startWriter((series) => {
      if (series.some(({ type }) => type === 'm/77')) throw new FakeApiError(3, 'Request is malformed.')
    })
    const queues = Array.from({ length: 200 }, (_, index) => queue(`m/${index}`))
    const outcomes = await write(
      writer,
      queues.map((queue) => [queue, 1] as const),
    )
    for (const { metricType } of queues) {
      assert.deepEqual(outcomes[metricType], [metricType === 'm/77' ? '1 refused' : '1 stored'])
    }
  })

  it('retries only the points whose own error is temporary', async () => {
    const { writer, requests } = startWriter((_, request) => {
      if (request > 1) return
      const message =
        'One or more TimeSeries could not be written: Internal error: timeSeries[0]; Bad label: timeSeries[2]'
      const errors = [
        { code: 13, message: 'Internal error', points: 1 },
        { code: 3, message: 'Bad label', points: 1 },
      ]
      throw new FakeApiError(3, message, summary(3, 1, errors))
    })
    const outcomes = await write(
      writer,
      ['a', 'b', 'c'].map((type) => [queue(type), 1] as const),
    )
    assert.deepEqual(outcomes, { a: ['1 stored'], b: ['1 stored'], c: ['1 refused'] })
    assert.deepEqual(
      requests[1]?.map(({ type }) => type),
      ['a'],
    )
  })

  it('treats an order refusal as stored if the point was attempted before', async () => {
    const { writer } = startWriter((_, request) => {
      if (request === 2) throw new FakeApiError(status.DEADLINE_EXCEEDED, 'the response was lost')
      if (request === 3)
        throw new FakeApiError(
          3,
          `One or more TimeSeries could not be written: ${ORDER}: timeSeries[0]`,
          summary(1, 0, []),
        )
    })
    const one = queue('a')
    assert.deepEqual(await write(writer, [[one, 1]]), { a: ['1 stored'] })
    assert.deepEqual(await write(writer, [[one, 2]]), { a: ['2 already_stored'] })
  })

  it('treats an order refusal of a first attempt as a refusal if the series is proven', async () => {
    const { writer } = startWriter((_, request) => {
      if (request > 1)
        throw new FakeApiError(
          3,
          `One or more TimeSeries could not be written: ${ORDER}: timeSeries[0]`,
          summary(1, 0, []),
        )
    })
    const one = queue('a')
    await write(writer, [[one, 1]])
    assert.deepEqual(await write(writer, [[one, 2]]), { a: ['2 refused'] })
  })

  it('treats a point that comes too soon as a refusal only if the series is proven', async () => {
    const { writer } = startWriter((_, request) => {
      if (request !== 2)
        throw new FakeApiError(9, `One or more TimeSeries could not be written: ${RATE}: timeSeries[0]`)
    })
    const one = queue('a')
    const outcomes = [1, 2, 3].map((value) => write(writer, [[one, value]]))
    assert.deepEqual(await Promise.all(outcomes), [
      { a: ['1 too_frequent'] },
      { a: ['2 stored'] },
      { a: ['3 refused'] },
    ])
  })

  it('settles a mark after the points before it', async () => {
    const { writer } = startWriter(() => {})
    const one = queue('a')
    const order: string[] = []
    writer.enqueue(
      one,
      point(1, () => order.push('point')),
    )
    writer.enqueue(
      one,
      point(2, () => order.push('mark'), true),
    )
    writer.enqueue(
      one,
      point(3, () => order.push('last')),
    )
    assert.equal(order.length, 0)
    await writer.close(5_000)
    assert.deepEqual(order, ['point', 'mark', 'last'])
    const two = queue('b')
    writer.enqueue(
      two,
      point(1, () => order.push('alone'), true),
    )
    assert.equal(order.at(-1), 'alone')
  })

  it('starts with few requests at a time again after a pause', async () => {
    const { writer } = startWriter(() => sleep(1), { initialConcurrency: 2, maxConcurrency: 8, pauseMs: 50 })
    const queues = Array.from({ length: 6_000 }, (_, index) => queue(`m/${index}`))
    await write(
      writer,
      queues.map((each) => [each, 1] as const),
    )
    assert.ok(writer.concurrency > 3)
    await sleep(60)
    await write(writer, [[queue('another'), 1]])
    assert.equal(writer.concurrency, 2)
  })

  it('writes the next request over an answered one, but not over one that had no answer', async () => {
    const requests: Buffer[] = []
    const failing = new Set([2])
    const lost: { bytes: Buffer; copy: Buffer }[] = []
    const { writer } = startWriter(() => {}, {
      createTimeSeries: async (bytes) => {
        requests.push(bytes)
        if (!failing.has(requests.length)) return
        lost.push({ bytes, copy: Buffer.from(bytes) })
        throw new FakeApiError(status.DEADLINE_EXCEEDED, 'no answer')
      },
    })
    const some = queue('m')
    for (const time of [1, 2, 3]) await write(writer, [[some, time]])
    const isOver = (index: number) => {
      const [before, after] = [requests[index - 1], requests[index]]
      return before?.buffer === after?.buffer && before?.byteOffset === after?.byteOffset
    }
    assert.deepEqual([1, 2, 3].map(isOver), [true, false, true])
    for (const { bytes, copy } of lost) assert.deepEqual(bytes, copy)
  })

  it('does not touch the bytes of a request while its answer is awaited', async () => {
    let requests = 0
    let changed = 0
    const { writer } = startWriter(() => {}, {
      createTimeSeries: async (bytes) => {
        requests += 1
        const copy = Buffer.from(bytes)
        await sleep(requests % 5)
        if (!bytes.equals(copy)) changed += 1
        if (requests % 7 === 0) throw new FakeApiError(status.UNAVAILABLE, 'no answer')
      },
      maxConcurrency: 32,
    })
    const queues = Array.from({ length: 4_000 }, (_, index) => queue(`m/${index}`))
    await write(
      writer,
      [1, 2, 3].flatMap((time) => queues.map((each) => [each, time] as const)),
    )
    assert.ok(requests > 60)
    assert.equal(changed, 0)
  })

  it('halves its concurrency under overload, and increases it again', async () => {
    let overloaded = true
    const { writer } = startWriter(
      async () => {
        await sleep(1)
        if (overloaded) throw new FakeApiError(status.RESOURCE_EXHAUSTED, 'quota')
      },
      { initialConcurrency: 8, maxConcurrency: 8 },
    )
    const queues = Array.from({ length: 3000 }, (_, index) => queue(`m/${index}`))
    const written = write(
      writer,
      queues.map((queue) => [queue, 1] as const),
    )
    while (writer.concurrency > 1) await sleep(1)
    overloaded = false
    await written
    assert.ok(writer.concurrency > 1)
  })

  it('displaces the oldest points if their number is limited, and reports it', async () => {
    let down = true
    const { writer, requests } = startWriter(
      () => {
        if (down) throw new FakeApiError(status.UNAVAILABLE, 'down')
      },
      { maxQueuedPoints: 4 },
    )
    const one = queue('a')
    const two = queue('b')
    const first = write(writer, [
      [one, 1],
      [two, 1],
    ])
    while (requests.length < 2) await sleep(1)
    const rest = write(
      writer,
      [2, 3, 4, 5].flatMap((value) => [[one, value] as const, [two, value] as const]),
    )
    assert.equal(writer.queuedPoints, 4)
    down = false
    await first
    assert.deepEqual(await rest, {
      a: ['2 displaced', '3 displaced', '4 displaced', '5 stored'],
      b: ['2 displaced', '3 displaced', '4 displaced', '5 stored'],
    })
    assert.deepEqual(requests.at(-1), [
      { type: 'a', value: 5 },
      { type: 'b', value: 5 },
    ])
  })

  it('keeps no memory for displaced points, however long the outage', async () => {
    const { writer, requests } = startWriter(
      () => {
        throw new FakeApiError(status.UNAVAILABLE, 'down')
      },
      { maxQueuedPoints: 100 },
    )
    const queues = Array.from({ length: 10 }, (_, index) => queue(`m/${index}`))
    const enqueue = (value: number) =>
      queues.map((queue) => {
        const queued = point(value, () => {})
        writer.enqueue(queue, queued)
        return new WeakRef(queued)
      })
    enqueue(0)
    while (requests.length === 0) await sleep(1)
    const early = Array.from({ length: 20 }, (_, value) => enqueue(value + 1)).flat()
    for (let value = 21; value < 10_000; value++) enqueue(value)
    assert.equal(writer.queuedPoints, 100)
    await sleep(1)
    collectGarbage()
    assert.equal(early.filter((queued) => queued.deref() !== undefined).length, 0)
    await writer.close(0)
  })

  it('abandons the remaining points when it is closed during an outage', async () => {
    const { writer } = startWriter(() => {
      throw new FakeApiError(status.UNAVAILABLE, 'down')
    })
    let settled = 0
    for (let value = 1; value <= 3; value++)
      writer.enqueue(
        queue('a'),
        point(value, () => settled++),
      )
    assert.equal(await writer.close(50), 3)
    assert.equal(settled, 0)
  })

  it('reports since when it has been failing', async () => {
    let down = true
    const { writer } = startWriter(() => {
      if (down) throw new FakeApiError(status.UNAVAILABLE, 'no route')
    })
    const written = write(writer, [[queue('a'), 1]])
    while (writer.health.failing === undefined) await sleep(1)
    assert.equal(writer.health.failing?.message, 'no route')
    down = false
    await written
    assert.equal(writer.health.failing, undefined)
    assert.ok(Date.now() - writer.health.lastSuccessMs < 60_000)
  })
})
