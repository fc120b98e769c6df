import { RpcError } from '../../api/rpc-error.ts'
import type { PolicyStateName } from '../../contract/alerting.ts'
import {
  type AlertPolicyMessage,
  COMBINERS,
  type ConditionMessage,
  conditionCodec,
  isEnabled,
} from '../policies/policy.ts'
import { combineConditions } from './combine-conditions.ts'
import { type CompiledCondition, type ConditionSources, compileCondition } from './compile-condition.ts'
import { ConditionState, type SeriesState, TooManySeries } from './condition-state.ts'

/** A series for which a policy opens an incident. */
export interface Violation {
  readonly condition: ConditionMessage
  readonly seriesKey: string
  readonly state: SeriesState
  readonly threshold: number | undefined
}

interface TrackedCondition {
  readonly message: ConditionMessage
  readonly fingerprint: string
  readonly compiled: CompiledCondition
  readonly state: ConditionState
  selected: number
}

/** The reason why a policy can't be evaluated. */
export interface Invalidity {
  readonly code: number
  readonly message: string
}

const INVALID_ARGUMENT = 3
const RESOURCE_EXHAUSTED = 8

/** Evaluates one policy repeatedly. It does not read the clock: the caller passes the time. */
export class PolicyEvaluation {
  #policy: AlertPolicyMessage
  #conditions: readonly TrackedCondition[] = []
  #invalidity: Invalidity | undefined
  #violations = 0
  lastMicros: number | undefined

  constructor(policy: AlertPolicyMessage, sources: ConditionSources) {
    this.#policy = policy
    this.update(policy, sources)
  }

  get policy(): AlertPolicyMessage {
    return this.#policy
  }

  /** Why the policy can't be evaluated; undefined if it can. */
  get invalidity(): Invalidity | undefined {
    return this.#invalidity
  }

  /** How many stored series each condition selects. */
  get selected(): readonly number[] {
    return this.#conditions.map(({ selected }) => selected)
  }

  get state(): PolicyStateName {
    if (!isEnabled(this.#policy)) return 'disabled'
    if (this.#invalidity) return 'invalid'
    if (this.#violations > 0) return 'firing'
    const series = this.#conditions.flatMap(({ state }) => [...state.series.values()])
    if (series.some(({ sinceMicros, met }) => sinceMicros !== undefined && !met)) return 'pending'
    if (this.lastMicros !== undefined && this.selected.every((count) => count === 0)) return 'matchesNothing'
    return series.length === 0 ? 'noData' : 'quiet'
  }

  /** The newest value of a series of a condition; undefined if the series is no longer tracked. */
  valueOf(conditionName: string, seriesKey: string): number | undefined {
    const condition = this.#conditions.find(({ message }) => message.name === conditionName)
    return condition?.state.series.get(seriesKey)?.value
  }

  /** Replaces the policy by a new version. Unchanged conditions keep the state of their series. */
  update(policy: AlertPolicyMessage, sources: ConditionSources): void {
    const before = new Map(this.#conditions.map((one) => [one.fingerprint, one]))
    this.#policy = policy
    this.#invalidity = undefined
    try {
      this.#conditions = policy.conditions.map((message): TrackedCondition => {
        const fingerprint = fingerprintOf(message, policy)
        const known = before.get(fingerprint)
        if (known) return known
        const compiled = compileCondition(message, policy, sources)
        return { message, fingerprint, compiled, state: new ConditionState(compiled.rule), selected: 0 }
      })
    } catch (error) {
      this.#conditions = []
      this.#invalidity = invalidityOf(error)
    }
  }

  /**
   * Evaluates the policy at a time and returns the series that are in violation; undefined if that can't be determined.
   */
  async evaluate(atMicros: number): Promise<readonly Violation[] | undefined> {
    // The policy may be replaced while a condition is measured.
    const [policy, conditions] = [this.#policy, this.#conditions]
    this.lastMicros = atMicros
    this.#violations = 0
    if (!isEnabled(policy) || conditions.length === 0) return []
    try {
      for (const condition of conditions) {
        const { measure, everyMicros } = condition.compiled
        if (atMicros % everyMicros !== 0) continue
        const measured = await measure(atMicros)
        condition.selected = measured.selected
        condition.state.step(measured, atMicros)
      }
      this.#invalidity = undefined
    } catch (error) {
      this.#invalidity = invalidityOf(error)
      return undefined
    }
    const combiner = COMBINERS[policy.combiner] ?? 'OR'
    const combined = combineConditions(
      combiner,
      conditions.map(({ state }) => state.met),
    )
    const violations = conditions.flatMap(({ message, compiled: { threshold } }, index) =>
      [...(combined[index] ?? [])].map(([seriesKey, state]) => ({ condition: message, seriesKey, state, threshold })),
    )
    this.#violations = violations.length
    return violations
  }
}

/** Also compares what the policy as a whole specifies for the series of its conditions. */
function fingerprintOf(condition: ConditionMessage, { alertStrategy }: AlertPolicyMessage): string {
  const bytes = Buffer.from(conditionCodec.encode(condition)).toString('base64')
  return JSON.stringify([bytes, alertStrategy?.autoClose ?? null])
}

function invalidityOf(error: unknown): Invalidity {
  if (error instanceof TooManySeries) return { code: RESOURCE_EXHAUSTED, message: error.message }
  if (error instanceof RpcError) return { code: INVALID_ARGUMENT, message: error.message }
  throw error
}
