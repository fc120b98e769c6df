import { pageOf } from '../../api/list-page.ts'
import { projectOfName, splitName } from '../../api/resource-name.ts'
import { invalidArgument } from '../../api/rpc-error.ts'
import { handler, type Service } from '../../api/service.ts'
import type { FieldMaskMessage } from '../resources/field-mask.ts'
import { type ListRequest, listResources } from '../resources/resource-list.ts'
import { CHECKER_LOCATIONS } from './checker-locations.ts'
import { type UptimeCheckMessage, uptimeCheckCodec } from './uptime-check.ts'
import { type UptimeStore, withoutSecrets } from './uptime-store.ts'

const MAX_PAGE = 1000

/** Cloud Monitoring's `google.monitoring.v3.UptimeCheckService`. All checks run from this machine. */
export function uptimeService(store: UptimeStore): Service {
  return {
    name: 'google.monitoring.v3.UptimeCheckService',
    handlers: {
      ListUptimeCheckConfigs: handler<ListRequest & { parent: string }>((request) => {
        const checks = store.list(projectOfName(request.parent)).map(withoutSecrets)
        const page = listResources(checks, request.parent, request, { codec: uptimeCheckCodec })
        return { uptimeCheckConfigs: page.items, nextPageToken: page.nextPageToken, totalSize: page.totalSize }
      }),
      GetUptimeCheckConfig: handler<{ name: string }>(({ name }) => {
        splitName(name, 'uptimeCheckConfigs')
        return withoutSecrets(store.get(name))
      }),
      CreateUptimeCheckConfig: handler<{ parent: string; uptimeCheckConfig?: UptimeCheckMessage | null }>(
        ({ parent, uptimeCheckConfig }) =>
          withoutSecrets(store.create(projectOfName(parent), given(uptimeCheckConfig))),
      ),
      UpdateUptimeCheckConfig: handler<{
        uptimeCheckConfig?: UptimeCheckMessage | null
        updateMask?: FieldMaskMessage | null
      }>(({ uptimeCheckConfig, updateMask }) => {
        const check = given(uptimeCheckConfig)
        const { projectId } = splitName(check.name, 'uptimeCheckConfigs')
        return withoutSecrets(store.update(projectId, check, updateMask?.paths ?? []))
      }),
      DeleteUptimeCheckConfig: handler<{ name: string }>(({ name }) => {
        store.delete(splitName(name, 'uptimeCheckConfigs').projectId, name)
        return {}
      }),
      ListUptimeCheckIps: handler<{ pageSize: number; pageToken: string }>(({ pageSize, pageToken }) => {
        const page = pageOf(CHECKER_LOCATIONS, {
          pageSize: Math.max(0, pageSize),
          pageToken,
          maxPageSize: MAX_PAGE,
          fingerprint: '',
          sortKeyOf: ({ region, label }) => [region, label],
        })
        return {
          uptimeCheckIps: page.items.map(({ region, location }) => ({ region, location, ipAddress: '127.0.0.1' })),
          nextPageToken: page.nextPageToken,
        }
      }),
    },
  }
}

function given(check: UptimeCheckMessage | null | undefined): UptimeCheckMessage {
  if (check) return check
  throw invalidArgument('Field uptime_check_config is required.')
}
