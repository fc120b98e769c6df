import { shortened } from '../api/shortened.ts'
import type { RefusalLog } from '../refusals/refusal-log.ts'

/** A resource that Google's Telemetry API would refuse. */
interface Offence {
  readonly projectId: string
  readonly attributes: ReadonlyMap<string, string>
  /** Such as `spans`. */
  readonly what: string
  /** What Google would say. */
  readonly problem: string
}

/** Beyond this many different notes, collecting starts over. */
const MAX_NOTES = 1000

/** Notes in the refusal log what Google would refuse for the attributes of its resource: once for each service. */
export class Leniency {
  readonly #refusals: RefusalLog
  readonly #nowMicros: () => number
  readonly #noted = new Set<string>()
  #refusalLogEpoch = 0

  constructor(refusals: RefusalLog, nowMicros: () => number) {
    this.#refusals = refusals
    this.#nowMicros = nowMicros
  }

  /** It was stored nevertheless, so it counts as no refusal. */
  kept(offence: Offence): void {
    if (this.#refusalLogEpoch !== this.#refusals.epoch || this.#noted.size >= MAX_NOTES) this.#noted.clear()
    this.#refusalLogEpoch = this.#refusals.epoch
    const { projectId, attributes, what, problem } = offence
    const service = attributes.get('service.name') ?? ''
    const key = JSON.stringify([projectId, service, what, problem])
    if (this.#noted.has(key)) return
    this.#noted.add(key)
    this.#add(
      offence,
      `${problem} Google refuses the ${what}; here they were stored in ${projectId} (see --strict).`,
      0,
    )
  }

  refused(offence: Offence): void {
    this.#add(offence, offence.problem, 1)
  }

  #add({ projectId, attributes, what }: Offence, message: string, points: number): void {
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
