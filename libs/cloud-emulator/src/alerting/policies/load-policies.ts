import { invalidField } from '../../api/rpc-error.ts'
import { loadJsonFolder } from '../../json-folder.ts'
import { messageFromJson } from '../../protos/proto-json.ts'
import { type AlertPolicyMessage, alertPolicyCodec, copyPolicy } from './policy.ts'
import type { PolicyStore } from './policy-store.ts'

const ID = /^[A-Za-z0-9_-]{1,100}$/

/**
 * Loads every `*.json` file of a folder as an alert policy with the file's name as ID. Returns what could not be loaded,
 * and why.
 */
export function loadPolicies(store: PolicyStore, options: { directory: string; projectId: string }): Promise<string[]> {
  const { directory, projectId } = options
  return loadJsonFolder({ directory, option: '--policies', contents: 'alert policies' }, (json, id) => {
    if (!ID.test(id))
      throw invalidField('alert_policy.name', id, 'The file name must consist of letters, digits, "-" and "_".')
    store.create(projectId, policyFromJson(json), id)
  })
}

/** A policy from a file, without the names that a project assigned if it was exported. Throws INVALID_ARGUMENT. */
export function policyFromJson(json: unknown): AlertPolicyMessage {
  const policy = messageFromJson(alertPolicyCodec, json, 'alert_policy')
  return copyPolicy(policy, { name: '', conditions: policy.conditions.map((one) => ({ ...one, name: '' })) })
}
