import { createRequire } from 'node:module'
import protobuf from 'protobufjs'
import { addDiscoveryFields } from './add-discovery-fields.ts'
import { readDiscovery } from './discovery.ts'
import { UNDOCUMENTED_FIELDS } from './undocumented-fields.ts'

const requirePackage = createRequire(import.meta.url)

const SERVICES = [
  'google.monitoring.v3.AlertPolicyService',
  'google.monitoring.v3.GroupService',
  'google.monitoring.v3.MetricService',
  'google.monitoring.v3.NotificationChannelService',
  'google.monitoring.v3.ServiceMonitoringService',
  'google.monitoring.v3.SnoozeService',
  'google.monitoring.v3.UptimeCheckService',
  'google.monitoring.dashboard.v1.DashboardsService',
  'google.devtools.cloudtrace.v2.TraceService',
]
const EXTRA_TYPES = [
  'google.monitoring.v3.CreateTimeSeriesSummary',
  'google.monitoring.v3.DroppedLabels',
  'google.monitoring.v3.SpanContext',
  'google.rpc.Status',
]
const KEPT_METHOD_OPTION = '(google.api.http)'

interface Definition {
  nested?: Record<string, Definition>
  [key: string]: unknown
}

/**
 * The parts of Google's API definitions that the emulator serves, in protobufjs' JSON form: services, all types
 * that they reach, and the HTTP rules of their methods. They are extracted from Google's published client packages, so
 * that none of these packages is needed at run time.
 */
export function googleApiDefinitions(): Definition {
  const root = new protobuf.Root()
  for (const name of [
    '@google-cloud/monitoring/build/protos/protos.json',
    '@google-cloud/monitoring-dashboards/build/protos/protos.json',
    '@google-cloud/opentelemetry-cloud-trace-exporter/build/protos/protos.json',
  ]) {
    mergeInto(root, protobuf.Root.fromJSON(requirePackage(name)))
  }
  root.resolveAll()
  addDiscoveryFields(root, readDiscovery().schemas)
  addDiscoveryFields(root, UNDOCUMENTED_FIELDS)

  const kept = new Set<protobuf.ReflectionObject>()
  const keepType = (type: protobuf.ReflectionObject | null | undefined): void => {
    if (!type || kept.has(type)) return
    kept.add(type)
    if (!(type instanceof protobuf.Type)) return
    for (const field of type.fieldsArray) keepType(field.resolve().resolvedType)
  }
  for (const name of SERVICES) {
    const service = root.lookupService(name)
    kept.add(service)
    for (const method of service.methodsArray) {
      method.resolve()
      keepType(method.resolvedRequestType)
      keepType(method.resolvedResponseType)
    }
  }
  for (const name of EXTRA_TYPES) keepType(root.lookupTypeOrEnum(name))

  const result: Definition = {}
  const sorted = [...kept].sort((a, b) => (a.fullName < b.fullName ? -1 : 1))
  for (const object of sorted) place(result, object)
  return result
}

function mergeInto(target: protobuf.NamespaceBase, source: protobuf.NamespaceBase): void {
  for (const object of [...source.nestedArray]) {
    const existing = target.get(object.name)
    if (
      existing instanceof protobuf.Namespace &&
      object instanceof protobuf.Namespace &&
      !(object instanceof protobuf.Type)
    ) {
      mergeInto(existing, object)
    } else if (!existing) {
      target.add(object)
    }
  }
}

function place(result: Definition, object: protobuf.ReflectionObject): void {
  const path = object.fullName.split('.').filter((part) => part !== '')
  let node = result
  for (const part of path) {
    node.nested ??= {}
    node.nested[part] ??= {}
    node = node.nested[part]
  }
  Object.assign(node, definitionOf(object), node.nested ? { nested: node.nested } : {})
}

function definitionOf(object: protobuf.ReflectionObject): Definition {
  if (object instanceof protobuf.Enum) return { values: { ...object.values } }
  if (object instanceof protobuf.Service) {
    return {
      methods: Object.fromEntries(
        object.methodsArray.map((method) => [
          method.name,
          {
            requestType: fullName(method.resolvedRequestType),
            responseType: fullName(method.resolvedResponseType),
            ...httpOption(method),
          },
        ]),
      ),
    }
  }
  if (object instanceof protobuf.Type) {
    const oneofs = Object.fromEntries(object.oneofsArray.map((oneof) => [oneof.name, { oneof: [...oneof.oneof] }]))
    return {
      ...(object.oneofsArray.length > 0 ? { oneofs } : {}),
      fields: Object.fromEntries(object.fieldsArray.map((field) => [field.name, fieldOf(field)])),
    }
  }
  throw new TypeError(`${object.fullName} is neither a message, an enum nor a service`)
}

function fieldOf(field: protobuf.Field): Definition {
  return {
    ...(field.repeated ? { rule: 'repeated' } : {}),
    ...(field instanceof protobuf.MapField ? { keyType: field.keyType } : {}),
    type: field.resolvedType ? fullName(field.resolvedType) : field.type,
    id: field.id,
    ...(field.options?.proto3_optional === true ? { options: { proto3_optional: true } } : {}),
  }
}

function httpOption(method: protobuf.Method): Definition {
  const rule = (method.parsedOptions as Record<string, unknown>[] | undefined)?.find(
    (option) => KEPT_METHOD_OPTION in option,
  )
  return rule ? { parsedOptions: [rule] } : {}
}

function fullName(object: protobuf.ReflectionObject | null): string {
  if (!object) throw new TypeError('unresolved type in the definitions')
  return object.fullName.replace(/^\./, '')
}
