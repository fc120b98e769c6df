import { projectOfName, splitName } from '../../api/resource-name.ts'
import { handler, type Service } from '../../api/service.ts'
import type { FieldMaskMessage } from '../resources/field-mask.ts'
import { listResources } from '../resources/resource-list.ts'
import { type AlertPolicyMessage, alertPolicyCodec, copyPolicy } from './policy.ts'
import { type PolicyStore, requirePolicy } from './policy-store.ts'

/** Why a policy can't be evaluated; undefined if it can. */
export type ValidityOf = (name: string) => { code: number; message: string } | undefined

interface ListRequest {
  name: string
  filter: string
  orderBy: string
  pageSize: number
  pageToken: string
}

/** Cloud Monitoring's `google.monitoring.v3.AlertPolicyService`. */
export function alertPolicyService(store: PolicyStore, validityOf: ValidityOf): Service {
  const shown = (policy: AlertPolicyMessage): AlertPolicyMessage => {
    const validity = validityOf(policy.name)
    return validity ? copyPolicy(policy, { validity }) : policy
  }
  return {
    name: 'google.monitoring.v3.AlertPolicyService',
    handlers: {
      ListAlertPolicies: handler<ListRequest>((request) => {
        const policies = store.list(projectOfName(request.name))
        const page = listResources(policies, request.name, request, { codec: alertPolicyCodec })
        return {
          alertPolicies: page.items.map(shown),
          nextPageToken: page.nextPageToken,
          totalSize: page.totalSize,
        }
      }),
      GetAlertPolicy: handler<{ name: string }>(({ name }) => {
        splitName(name, 'alertPolicies')
        return shown(store.get(name))
      }),
      CreateAlertPolicy: handler<{ name: string; alertPolicy?: AlertPolicyMessage | null }>(({ name, alertPolicy }) =>
        store.create(projectOfName(name), requirePolicy(alertPolicy)),
      ),
      UpdateAlertPolicy: handler<{ alertPolicy?: AlertPolicyMessage | null; updateMask?: FieldMaskMessage | null }>(
        ({ alertPolicy, updateMask }) => {
          const policy = requirePolicy(alertPolicy)
          const { projectId } = splitName(policy.name, 'alertPolicies')
          return shown(store.update(projectId, policy, updateMask?.paths ?? []))
        },
      ),
      DeleteAlertPolicy: handler<{ name: string }>(({ name }) => {
        store.delete(splitName(name, 'alertPolicies').projectId, name)
        return {}
      }),
    },
  }
}
