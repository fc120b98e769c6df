import { checkedProjectId } from '../../api/resource-name.ts'
import { invalidArgument } from '../../api/rpc-error.ts'
import { handler, type Service } from '../../api/service.ts'
import { shortened } from '../../api/shortened.ts'
import type { FieldMaskMessage } from '../resources/field-mask.ts'
import { type ListRequest, listResources } from '../resources/resource-list.ts'
import { type ServiceMessage, type SloMessage, serviceCodec, sloCodec } from './slo.ts'
import type { SloStore } from './slo-store.ts'

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
        const page = listResources(services, request.parent, request, serviceCodec)
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
    GetServiceLevelObjective: handler<{ name: string }>(({ name }) => store.slo(parsed(name, 3).name)),
    ListServiceLevelObjectives: handler<ListRequest & { parent: string }>((request) => {
      const { projectId, serviceId } = parsed(request.parent, 2)
      const page = listResources(store.slos(projectId, serviceId), request.parent, request, sloCodec)
      return { serviceLevelObjectives: page.items, nextPageToken: page.nextPageToken }
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

interface ParsedName {
  readonly projectId: string
  readonly serviceId: string
  /** With `projects`, also if it was given with `workspaces`. */
  readonly name: string
}

/** Reads the name of a project (1 part), a service (2) or an objective (3). Throws INVALID_ARGUMENT. */
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
