import { checkedProjectId } from '../../api/resource-name.ts'
import { invalidArgument, invalidField, RpcError } from '../../api/rpc-error.ts'
import { handler, type Service } from '../../api/service.ts'
import { shortened } from '../../api/shortened.ts'
import { snakeCase } from '../../protos/json-fields.ts'
import type { FieldMaskMessage } from '../resources/field-mask.ts'
import { type ListRequest, listResources } from '../resources/resource-list.ts'
import { type ServiceMessage, type SloMessage, serviceCodec, sloCodec } from './slo.ts'
import type { SloStore } from './slo-store.ts'

/** `ServiceLevelObjective.View`. */
const EXPLICIT = 1
const SERVICE_FIELDS = {
  codec: serviceCodec,
  /** The kind of a service, such as `MESH_ISTIO`. */
  computed: {
    identifier_case: ({ identifier }: ServiceMessage) => snakeCase(identifier ?? 'identifier_not_set').toUpperCase(),
  },
}
const NAME = /^(?:projects|workspaces)\/([^/]+)(?:\/services\/([^/]+)(?:\/serviceLevelObjectives\/([^/]+))?)?$/

/** Cloud Monitoring's `google.monitoring.v3.ServiceMonitoringService`. */
export function serviceMonitoringService(store: SloStore): Service {
  return {
    name: 'google.monitoring.v3.ServiceMonitoringService',
    handlers: {
      CreateService: handler<{ parent: string; serviceId: string; service?: ServiceMessage | null }>(
        ({ parent, serviceId, service }) =>
          store.createService(parsed(parent, 1).projectId, given(service, 'service'), serviceId),
      ),
      GetService: handler<{ name: string }>(({ name }) => store.service(parsed(name, 2).name)),
      ListServices: handler<ListRequest & { parent: string }>((request) => {
        const services = store.services(parsed(request.parent, 1).projectId)
        const page = listResources(services, request.parent, nonNegative(request), SERVICE_FIELDS)
        return { services: page.items, nextPageToken: page.nextPageToken }
      }),
      UpdateService: handler<{ service?: ServiceMessage | null; updateMask?: FieldMaskMessage | null }>(
        ({ service, updateMask }) => store.updateService(given(service, 'service'), updateMask?.paths ?? []),
      ),
      DeleteService: handler<{ name: string }>(({ name }) => {
        store.deleteService(parsed(name, 2).name)
        return {}
      }),
      ...sloHandlers(store),
    },
  }
}

function sloHandlers(store: SloStore): Service['handlers'] {
  const field = 'service_level_objective'
  return {
    CreateServiceLevelObjective: handler<{
      parent: string
      serviceLevelObjectiveId: string
      serviceLevelObjective?: SloMessage | null
    }>(({ parent, serviceLevelObjectiveId, serviceLevelObjective }) =>
      store.createSlo(parsed(parent, 2).name, given(serviceLevelObjective, field), serviceLevelObjectiveId),
    ),
    GetServiceLevelObjective: handler<{ name: string; view: number }>(({ name, view }) =>
      viewed(store.slo(parsed(name, 3).name), view),
    ),
    ListServiceLevelObjectives: handler<ListRequest & { parent: string; view: number }>((request) => {
      const { projectId, serviceId } = parsed(request.parent, 2)
      const slos = store.slos(projectId, serviceId)
      const page = listResources(slos, request.parent, nonNegative(request), { codec: sloCodec })
      return {
        serviceLevelObjectives: page.items.map((slo) => viewed(slo, request.view)),
        nextPageToken: page.nextPageToken,
      }
    }),
    UpdateServiceLevelObjective: handler<{
      serviceLevelObjective?: SloMessage | null
      updateMask?: FieldMaskMessage | null
    }>(({ serviceLevelObjective, updateMask }) =>
      store.updateSlo(given(serviceLevelObjective, field), updateMask?.paths ?? []),
    ),
    DeleteServiceLevelObjective: handler<{ name: string }>(({ name }) => {
      store.deleteSlo(parsed(name, 3).name)
      return {}
    }),
  }
}

/** Throws UNIMPLEMENTED if the EXPLICIT view of a basic SLI is requested. */
function viewed(slo: SloMessage, view: number): SloMessage {
  const { basicSli, windowsBased } = slo.serviceLevelIndicator ?? {}
  if (view === EXPLICIT && (basicSli || windowsBased?.goodTotalRatioThreshold?.basicSliPerformance))
    throw new RpcError(
      'UNIMPLEMENTED',
      `The EXPLICIT view of a basic SLI is not implemented by this emulator: request the FULL view of ${slo.name}.`,
    )
  return slo
}

function nonNegative<T extends ListRequest>(request: T): T {
  if (request.pageSize >= 0) return request
  throw invalidField('page_size', String(request.pageSize), 'It must not be negative.')
}

interface ParsedName {
  readonly projectId: string
  readonly serviceId: string
  /** With `projects`, even if it was given with `workspaces`. */
  readonly name: string
}

/** Parses the name of a project (1 part), a service (2) or an objective (3). Throws INVALID_ARGUMENT. */
function parsed(text: string, parts: 1 | 2 | 3): ParsedName {
  const match = NAME.exec(text)
  const [, projectId, serviceId, sloId] = match ?? []
  const found = [projectId, serviceId, sloId].filter((part) => part !== undefined).length
  if (projectId === undefined || found !== parts)
    throw invalidArgument(
      `Name must have the form 'projects/PROJECT_ID${parts > 1 ? '/services/ID' : ''}${parts > 2 ? '/serviceLevelObjectives/ID' : ''}', got: ${shortened(text)}`,
    )
  checkedProjectId(projectId)
  return { projectId, serviceId: serviceId ?? '', name: text.replace(/^workspaces/, 'projects') }
}

function given<T>(message: T | null | undefined, field: string): T {
  if (message) return message
  throw invalidArgument(`Field ${field} is required.`)
}
