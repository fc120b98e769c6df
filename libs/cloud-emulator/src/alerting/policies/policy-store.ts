import { invalidArgument, invalidField } from '../../api/rpc-error.ts'
import { snakeCase } from '../../protos/json-fields.ts'
import { microsToTimestamp } from '../../protos/timestamp.ts'
import { updatedByMask } from '../resources/field-mask.ts'
import type { MutationRecordMessage } from '../resources/messages.ts'
import { ResourceIds } from '../resources/resource-ids.ts'
import { ResourceTable } from '../resources/resource-table.ts'
import type { PolicyContext } from './check-condition.ts'
import { checkPolicy } from './check-policy.ts'
import { type AlertPolicyMessage, alertPolicyCodec, type ConditionMessage, copyPolicy } from './policy.ts'

const MAX_POLICIES = 2000
/** There are no accounts here. */
const MUTATED_BY = 'emulator@example.com'
const OUTPUT_ONLY = ['creation_record', 'mutation_record', 'validity']

export interface PolicyStoreOptions {
  readonly nowMicros: () => number
  /** The context that policies of a project are validated against. */
  readonly context: (projectId: string) => PolicyContext
  /** Called when a policy was added, replaced or deleted. */
  readonly changed: (projectId: string, policy: AlertPolicyMessage) => void
}

/** The alert policies of all projects. */
export class PolicyStore {
  readonly #table = new ResourceTable<AlertPolicyMessage>({ limit: MAX_POLICIES, plural: 'alert policies' })
  readonly #ids = new ResourceIds('alertPolicies')
  readonly #conditionIds = new ResourceIds('conditions')
  readonly #options: PolicyStoreOptions

  constructor(options: PolicyStoreOptions) {
    this.#options = options
  }

  all(): Iterable<AlertPolicyMessage> {
    return this.#table.all()
  }

  list(projectId: string): AlertPolicyMessage[] {
    return this.#table.below(`projects/${projectId}/alertPolicies/`)
  }

  find(name: string): AlertPolicyMessage | undefined {
    return this.#table.find(name)
  }

  /** Throws NOT_FOUND. */
  get(name: string): AlertPolicyMessage {
    return this.#table.get(name)
  }

  clear(): void {
    this.#table.clear()
    this.#ids.clear()
    this.#conditionIds.clear()
  }

  /** Adds a policy, with a new ID unless one is given. Throws INVALID_ARGUMENT or RESOURCE_EXHAUSTED. */
  create(projectId: string, policy: AlertPolicyMessage, id?: string): AlertPolicyMessage {
    if (policy.name !== '')
      throw invalidField(
        'alert_policy.name',
        policy.name,
        'It must be omitted: it is assigned when the policy is created.',
      )
    for (const [index, { name }] of policy.conditions.entries())
      if (name !== '')
        throw invalidField(
          `alert_policy.conditions[${index}].name`,
          name,
          'It must be omitted: it is assigned when the policy is created.',
        )
    checkPolicy(policy, this.#options.context(projectId))
    const name = `projects/${projectId}/alertPolicies/${id ?? this.#ids.next()}`
    const record = this.#record()
    return this.#keep(
      projectId,
      this.#table.add(this.#completed(policy, { name, creationRecord: record, mutationRecord: record })),
    )
  }

  /** Throws INVALID_ARGUMENT or UNIMPLEMENTED if a policy can't be created. */
  check(projectId: string, policy: AlertPolicyMessage): void {
    checkPolicy(policy, this.#options.context(projectId))
  }

  /** Replaces a policy, or the fields that `paths` names. Throws INVALID_ARGUMENT or NOT_FOUND. */
  update(projectId: string, update: AlertPolicyMessage, paths: readonly string[]): AlertPolicyMessage {
    const current = this.#table.get(update.name)
    for (const path of paths)
      if (path === 'name') throw invalidField('update_mask', path, 'The name of a policy cannot be changed.')
    const masked = paths.filter((path) => !OUTPUT_ONLY.includes(snakeCase(path.split('.')[0] ?? '')))
    const next = paths.length === 0 ? update : updatedByMask(alertPolicyCodec, { current, update }, masked)
    const known = new Set(current.conditions.map(({ name }) => name))
    for (const [index, { name }] of next.conditions.entries()) {
      if (name === '') continue
      if (!known.delete(name))
        throw invalidField(
          `alert_policy.conditions[${index}].name`,
          name,
          'The policy has no such condition, or it occurs twice; omit the name to add a condition.',
        )
    }
    checkPolicy(next, this.#options.context(projectId))
    const { name, creationRecord } = current
    const kept = this.#completed(next, {
      name,
      creationRecord: creationRecord ?? null,
      mutationRecord: this.#record(),
    })
    return this.#keep(projectId, this.#table.replace(kept))
  }

  /** Throws NOT_FOUND. */
  delete(projectId: string, name: string): void {
    this.#options.changed(projectId, this.#table.delete(name))
  }

  /** The names of the policies that refer to a channel. */
  namesWithChannel(channel: string): string[] {
    return [...this.#table.all()].flatMap(({ name, notificationChannels }) =>
      notificationChannels.includes(channel) ? [name] : [],
    )
  }

  /** The names of a project's policies with a condition whose filter contains the ID of an uptime check. */
  policiesWithFilterOn(projectId: string, checkId: string): string[] {
    return this.list(projectId).flatMap(({ name, conditions }) =>
      conditions.some(({ conditionThreshold: threshold, conditionAbsent: absence }) =>
        `${threshold?.filter ?? ''} ${absence?.filter ?? ''}`.includes(`"${checkId}"`),
      )
        ? [name]
        : [],
    )
  }

  /** Removes a channel from all policies that refer to it. */
  removeChannel(channel: string): void {
    for (const policy of [...this.#table.all()]) {
      if (!policy.notificationChannels.includes(channel)) continue
      const strategy = policy.alertStrategy
      this.#table.replace(
        copyPolicy(policy, {
          notificationChannels: policy.notificationChannels.filter((one) => one !== channel),
          alertStrategy: !strategy
            ? null
            : {
                ...strategy,
                notificationChannelStrategy: strategy.notificationChannelStrategy.map((one) => ({
                  ...one,
                  notificationChannelNames: one.notificationChannelNames.filter((name) => name !== channel),
                })),
              },
        }),
      )
    }
  }

  #keep(projectId: string, policy: AlertPolicyMessage): AlertPolicyMessage {
    this.#options.changed(projectId, policy)
    return policy
  }

  #record(): MutationRecordMessage {
    return { mutateTime: microsToTimestamp(this.#options.nowMicros()), mutatedBy: MUTATED_BY }
  }

  #completed(
    policy: AlertPolicyMessage,
    fields: Pick<AlertPolicyMessage, 'name' | 'creationRecord' | 'mutationRecord'>,
  ): AlertPolicyMessage {
    return copyPolicy(policy, {
      ...fields,
      validity: null,
      enabled: policy.enabled ?? { value: true },
      conditions: policy.conditions.map((condition): ConditionMessage => {
        if (condition.name !== '') return condition
        return { ...condition, name: `${fields.name}/conditions/${this.#conditionIds.next()}` }
      }),
    })
  }
}

/** Throws INVALID_ARGUMENT if a request has no policy. */
export function requirePolicy(policy: AlertPolicyMessage | null | undefined): AlertPolicyMessage {
  if (policy) return policy
  throw invalidArgument('Field alert_policy is required.')
}
