import { projectOfName, splitName } from '../../api/resource-name.ts'
import { RpcError } from '../../api/rpc-error.ts'
import { handler, type Service } from '../../api/service.ts'
import { messageCodec } from '../../protos/registry.ts'
import { microsToTimestamp, type TimestampMessage } from '../../protos/timestamp.ts'
import { listResources } from '../resources/resource-list.ts'
import { alertName, type Incident } from './incident.ts'
import type { IncidentLog } from './incident-log.ts'

interface AlertMessage {
  name: string
  state: number
  openTime: TimestampMessage
  closeTime?: TimestampMessage
  resource: { type: string; labels: object }
  metric: { type: string; labels: object }
  policy: { name: string; displayName: string; userLabels: object; severity: number }
}

interface ListRequest {
  parent: string
  filter: string
  orderBy: string
  pageSize: number
  pageToken: string
}

const alertCodec = messageCodec<AlertMessage>('google.monitoring.v3.Alert')
const OPEN = 1
const CLOSED = 2

/** `projects.alerts`: incidents as resources, which Google serves only by REST. */
export function alertService(incidents: IncidentLog): Service {
  return {
    name: 'google.monitoring.v3.AlertService',
    handlers: {
      ListAlerts: handler<ListRequest>((request) => {
        const alerts = incidents.list(projectOfName(request.parent)).map(alertMessage)
        const page = listResources(alerts, request.parent, request, { codec: alertCodec })
        return { alerts: page.items, nextPageToken: page.nextPageToken, totalSize: page.totalSize }
      }),
      GetAlert: handler<{ name: string }>(({ name }) => {
        splitName(name, 'alerts')
        const incident = incidents.find(name)
        if (!incident) throw new RpcError('NOT_FOUND', 'Requested entity was not found.')
        return alertMessage(incident)
      }),
    },
  }
}

function alertMessage(incident: Incident): AlertMessage {
  const { closedMicros, openedMicros, policy } = incident
  return {
    name: alertName(incident),
    state: closedMicros === undefined ? OPEN : CLOSED,
    openTime: microsToTimestamp(openedMicros),
    ...(closedMicros === undefined ? {} : { closeTime: microsToTimestamp(closedMicros) }),
    resource: { type: incident.resourceType, labels: incident.resourceLabels },
    metric: { type: incident.metricType, labels: incident.metricLabels },
    policy,
  }
}
