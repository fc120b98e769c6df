import { shortened } from '../api/shortened.ts'
import type { RefusalLog } from '../refusals/refusal-log.ts'

/** A resource that Google's Telemetry API would reject. */
interface LenientResource {
  readonly projectId: string
  readonly attributes: ReadonlyMap<string, string>
  /** Such as `spans`. */
  readonly what: string
  /** Google's error message. */
  readonly problem: string
}

/** After this many different notes, collecting starts over. */
const MAX_NOTES = 1000

/** Adds to the refusal log what Google would reject because of its resource's attributes, once per service. */
export class Leniency {
  readonly #refusals: RefusalLog
  readonly #nowMicros: () => number
  readonly #noted = new Set<string>()
  #refusalLogEpoch = 0

  constructor(refusals: RefusalLog, nowMicros: () => number) {
    this.#refusals = refusals
    this.#nowMicros = nowMicros
  }

  /** It was stored nevertheless, so it does not count as rejected. */
  kept(resource: LenientResource): void {
    if (this.#refusalLogEpoch !== this.#refusals.epoch || this.#noted.size >= MAX_NOTES) this.#noted.clear()
    this.#refusalLogEpoch = this.#refusals.epoch
    const { projectId, attributes, what, problem } = resource
    const service = attributes.get('service.name') ?? ''
    const key = JSON.stringify([projectId, service, what, problem])
    if (this.#noted.has(key)) return
    this.#noted.add(key)
    this.#add(
      resource,
      `${problem} Google rejects the ${what}; here they were stored in ${projectId} (see --strict).`,
      0,
    )
  }

  refused(resource: LenientResource): void {
    this.#add(resource, resource.problem, 1)
  }

  #add({ projectId, attributes, what }: LenientResource, message: string, points: number): void {
    this.#refusals.add(
      {
        project: projectId,
        reason: 'telemetry',
        status: 'INVALID_ARGUMENT',
        message,
        points,
        subject: `${what} of ${shortened(attributes.get('service.name') ?? 'a resource without service.name')}`,
        resourceType: 'OTLP resource',
        resourceLabels: Object.fromEntries(attributes),
      },
      this.#nowMicros() / 1000,
    )
  }
}
