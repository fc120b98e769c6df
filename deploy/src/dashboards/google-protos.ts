import { createRequire } from 'node:module'
import protobuf, { type Root } from 'protobufjs'
import { checkProtoJson, type JsonProblem } from './proto-json.ts'

const require = createRequire(import.meta.url)

let dashboards: Root | undefined
let monitoring: Root | undefined

/** Checks a dashboard against `google.monitoring.dashboard.v1.Dashboard`, as Google's own client package describes it. */
export function checkDashboardFormat(document: unknown): JsonProblem[] {
  dashboards ??= protobuf.Root.fromJSON(require('@google-cloud/monitoring-dashboards/build/protos/protos.json'))
  return checkProtoJson(dashboards, 'google.monitoring.dashboard.v1.Dashboard', document)
}

/** Checks an alert policy against `google.monitoring.v3.AlertPolicy`. */
export function checkAlertPolicyFormat(document: unknown): JsonProblem[] {
  monitoring ??= protobuf.Root.fromJSON(require('@google-cloud/monitoring/build/protos/protos.json'))
  return checkProtoJson(monitoring, 'google.monitoring.v3.AlertPolicy', document)
}
