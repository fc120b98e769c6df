import { invalidField, RpcError } from '../../api/rpc-error.ts'
import type { FilterPredicate } from '../../monitoring/filter/evaluate-filter.ts'
import type { Filter } from '../../monitoring/filter/filter.ts'
import { readFilter } from '../../monitoring/filter/read-filter.ts'
import { timestampToMicros } from '../../protos/timestamp.ts'
import type { MeasuredIdentity } from '../evaluation/measurement.ts'
import { updatedByMask } from '../resources/field-mask.ts'
import { ResourceIds } from '../resources/resource-ids.ts'
import { ResourceTable } from '../resources/resource-table.ts'
import { type SnoozeMessage, snoozeCodec } from './snooze.ts'

const MAX_SNOOZES = 2000
const MAX_POLICIES = 16
const MAX_NAME = 512
/** How long a request may take from the page to the API. */
const SKEW_MICROS = 15e6
const UPDATABLE = ['display_name', 'interval.start_time', 'interval.end_time']

interface Interval {
  readonly startMicros: number
  readonly endMicros: number
}

export interface SnoozeStoreOptions {
  readonly nowMicros: () => number
  readonly hasPolicy: (name: string) => boolean
  readonly changed: (projectId: string) => void
}

/** The snoozes of all projects. */
export class SnoozeStore {
  readonly #table = new ResourceTable<SnoozeMessage>({ limit: MAX_SNOOZES, plural: 'snoozes' })
  readonly #ids = new ResourceIds('snoozes')
  readonly #options: SnoozeStoreOptions

  constructor(options: SnoozeStoreOptions) {
    this.#options = options
  }

  list(projectId: string): SnoozeMessage[] {
    return this.#table.below(`projects/${projectId}/snoozes/`)
  }

  /** Throws NOT_FOUND. */
  get(name: string): SnoozeMessage {
    return this.#table.get(name)
  }

  clear(): void {
    this.#table.clear()
    this.#ids.clear()
  }

  /** Whether a snooze suppresses notifications for a series of a policy. */
  isSnoozed(policyName: string, series: MeasuredIdentity, atMicros: number): boolean {
    if (this.#table.size === 0) return false
    for (const snooze of this.#table.all()) {
      if (!snooze.criteria?.policies.includes(policyName)) continue
      const { startMicros, endMicros } = readInterval(snooze)
      if (atMicros < startMicros || atMicros >= endMicros) continue
      if (snooze.criteria.filter === '' || matcherOf(snooze)({ ...series, project: '' })) return true
    }
    return false
  }

  /** Throws INVALID_ARGUMENT or RESOURCE_EXHAUSTED. */
  create(projectId: string, snooze: SnoozeMessage): SnoozeMessage {
    if (snooze.name !== '')
      throw invalidField('snooze.name', snooze.name, 'It must be omitted: it is assigned when the snooze is created.')
    this.#checkCriteria(snooze)
    checkDisplayName(snooze)
    const { startMicros } = readInterval(snooze)
    if (startMicros < this.#options.nowMicros() - SKEW_MICROS)
      throw invalidField('snooze.interval.start_time', undefined, 'It must not be in the past.')
    const name = `projects/${projectId}/snoozes/${this.#ids.next()}`
    const created = this.#table.add(
      snoozeCodec.decode(snoozeCodec.encode(snoozeCodec.type.create({ ...snooze, name }) as object as SnoozeMessage)),
    )
    this.#options.changed(projectId)
    return created
  }

  /** Throws INVALID_ARGUMENT, NOT_FOUND, or FAILED_PRECONDITION for fields that can no longer be updated. */
  update(projectId: string, update: SnoozeMessage, paths: readonly string[]): SnoozeMessage {
    const current = this.#table.get(update.name)
    // gcloud cancels a snooze without a mask.
    const named =
      paths.length === 0 ? UPDATABLE : paths.flatMap((path) => (path === 'interval' ? UPDATABLE.slice(1) : [path]))
    for (const path of named)
      if (!UPDATABLE.includes(path)) throw invalidField('update_mask', path, `${UPDATABLE.join(', ')} are allowed.`)
    const now = this.#options.nowMicros()
    const before = readInterval(current)
    if (before.endMicros <= now)
      throw new RpcError('FAILED_PRECONDITION', `The snooze ${current.name} has ended and cannot be updated.`)
    const next = updatedByMask(snoozeCodec, { current, update }, named)
    checkDisplayName(next)
    const after = readInterval(next)
    if (before.startMicros <= now && after.startMicros !== before.startMicros)
      throw new RpcError(
        'FAILED_PRECONDITION',
        `The snooze ${current.name} has begun: only display_name and interval.end_time can be updated.`,
      )
    if (after.startMicros !== before.startMicros && after.startMicros < now - SKEW_MICROS)
      throw invalidField('snooze.interval.start_time', undefined, 'It must not be in the past.')
    this.#table.replace(next)
    this.#options.changed(projectId)
    return next
  }

  #checkCriteria(snooze: SnoozeMessage): void {
    const field = 'snooze.criteria'
    const { policies = [], filter = '' } = snooze.criteria ?? {}
    if (policies.length === 0 || policies.length > MAX_POLICIES)
      throw invalidField(`${field}.policies`, undefined, `From 1 to ${MAX_POLICIES} policies are required.`)
    for (const [index, name] of policies.entries())
      if (!this.#options.hasPolicy(name))
        throw invalidField(`${field}.policies[${index}]`, name, 'There is no such alert policy.')
    if (filter === '') return
    if (policies.length !== 1)
      throw invalidField(`${field}.filter`, filter, 'It can only be specified with exactly one policy.')
    if (!isOfResourceLabels(readFilter(filter, `${field}.filter`).filter))
      throw invalidField(
        `${field}.filter`,
        filter,
        'It must consist of resource labels with their values, joined by AND, such as resource.labels.zone="us-central1-a".',
      )
  }
}

function isOfResourceLabels(filter: Filter | undefined): boolean {
  if (filter?.kind === 'and') return filter.operands.every(isOfResourceLabels)
  return filter?.kind === 'comparison' && filter.selector.kind === 'resource.labels' && filter.operator === '='
}

function checkDisplayName({ displayName }: SnoozeMessage): void {
  if (displayName === '' || [...displayName].length > MAX_NAME)
    throw invalidField('snooze.display_name', displayName, `From 1 to ${MAX_NAME} characters are required.`)
}

function readInterval({ interval }: SnoozeMessage): Interval {
  if (!interval?.startTime) throw invalidField('snooze.interval.start_time', undefined, 'The start time is required.')
  if (!interval.endTime) throw invalidField('snooze.interval.end_time', undefined, 'The end time is required.')
  const startMicros = timestampToMicros(interval.startTime)
  const endMicros = timestampToMicros(interval.endTime)
  if (endMicros < startMicros)
    throw invalidField('snooze.interval.end_time', undefined, 'The end time must not be before the start time.')
  return { startMicros, endMicros }
}

const matchers = new WeakMap<SnoozeMessage, FilterPredicate>()

/** The compiled filter of a snooze. */
function matcherOf(snooze: SnoozeMessage): FilterPredicate {
  const known = matchers.get(snooze)
  if (known) return known
  const { matches } = readFilter(snooze.criteria?.filter ?? '')
  matchers.set(snooze, matches)
  return matches
}
