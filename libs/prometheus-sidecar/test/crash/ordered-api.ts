import { status } from '@grpc/grpc-js'
import type { CreateTimeSeries } from '../../src/write/writer.ts'
import type { SeededRandom } from '../testing/seeded-random.ts'
import { readRequest, type StoredPoint } from '../testing/stored-points.ts'

/** Applies Cloud Monitoring's rules for the order of points, with responses that fail, are lost or come late. */
export class OrderedApi {
  readonly stored: StoredPoint[] = []
  readonly #newest = new Map<string, StoredPoint>()
  readonly #random: SeededRandom

  constructor(random: SeededRandom) {
    this.#random = random
  }

  readonly createTimeSeries: CreateTimeSeries = async (request) => {
    const fate = this.#random.below(20)
    if (fate === 0) throw new ApiFailure(status.UNAVAILABLE, 'down')
    if (fate < 6) await new Promise((resolve) => setTimeout(resolve, this.#random.below(10)))
    const refused = { start: [] as number[], end: [] as number[] }
    for (const [index, point] of readRequest(request).entries()) {
      const older = this.#store(point)
      if (older !== undefined) refused[older].push(index)
    }
    if (fate === 7) throw new ApiFailure(status.DEADLINE_EXCEEDED, 'the response was lost')
    const reasons = (['start', 'end'] as const)
      .filter((older) => refused[older].length > 0)
      .map(
        (older) =>
          `Points must be written in order. One or more of the points specified had an older ${older} time than the most recent point.: timeSeries[${refused[older].join(',')}]`,
      )
    if (reasons.length > 0) {
      throw new ApiFailure(
        status.INVALID_ARGUMENT,
        `One or more TimeSeries could not be written: ${reasons.join('; ')}`,
      )
    }
  }

  /** Stores a point, or returns which of its times is too old. */
  #store(point: StoredPoint): 'start' | 'end' | undefined {
    const key = JSON.stringify([
      point.type,
      Object.entries(point.labels).sort(),
      Object.entries(point.resource.labels).sort(),
    ])
    const newest = this.#newest.get(key)
    if (newest !== undefined) {
      if (point.startMs !== newest.startMs) {
        if ((point.startMs ?? 0) <= newest.endMs) return 'start'
      } else if (point.endMs <= newest.endMs) return 'end'
    }
    this.#newest.set(key, point)
    this.stored.push(point)
    return undefined
  }
}

class ApiFailure extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}
