import protobuf from 'protobufjs'
import type { DiscoveryProperty, DiscoverySchemas } from './discovery.ts'

const NAMESPACE = 'google.monitoring.dashboard.v1'
const FORMATS: Readonly<Record<string, string>> = {
  'google-duration': 'google.protobuf.Duration',
  'google-datetime': 'google.protobuf.Timestamp',
  'google-fieldmask': 'google.protobuf.FieldMask',
  byte: 'bytes',
}
const TYPES: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'bool',
  integer: 'int32',
  number: 'double',
  object: 'google.protobuf.Struct',
  any: 'google.protobuf.Value',
}
/** The oneofs of new fields, which are not in discovery documents. */
const ONEOFS: Readonly<Record<string, readonly [oneof: string, fields: readonly string[]]>> = {
  Widget: ['content', ['treemap', 'filterControl']],
  TimeSeriesQuery: ['source', ['opsAnalyticsQuery', 'traceQuery']],
  DashboardFilter: ['defaultValue', ['stringArrayValue']],
}
const FIRST_ID = 100_000
const IDS = 400_000_000

/**
 * Adds the types, fields and enum values of a discovery document that are missing in the definitions of the client
 * packages. The document has no field numbers, so numbers are generated: REST returns the fields, while gRPC clients
 * without them in their definitions see unknown fields.
 */
export function addDiscoveryFields(root: protobuf.Root, schemas: DiscoverySchemas): void {
  const types = typesByName(root.lookupType(`${NAMESPACE}.Dashboard`))
  const namespace = root.lookup(NAMESPACE)
  if (!(namespace instanceof protobuf.Namespace)) throw new TypeError(`there is no namespace ${NAMESPACE}`)
  for (const name of Object.keys(schemas)) {
    if (types.has(name)) continue
    const type = new protobuf.Type(name)
    namespace.add(type)
    types.set(name, type)
  }
  for (const [name, properties] of Object.entries(schemas)) {
    const type = types.get(name)
    if (!type || type.fullName.startsWith('.google.protobuf.')) continue
    for (const [key, property] of Object.entries(properties)) {
      const known = type.fields[key]
      if (known) addEnumValues(known, property)
      else addField(type, key, property, types)
    }
  }
  root.resolveAll()
}

/** The types that a message may contain, by their unqualified names. */
function typesByName(message: protobuf.Type): Map<string, protobuf.Type> {
  const types = new Map<string, protobuf.Type>()
  const take = (type: protobuf.Type): void => {
    if (types.has(type.name)) return
    types.set(type.name, type)
    for (const field of type.fieldsArray) {
      const { resolvedType } = field.resolve()
      if (resolvedType instanceof protobuf.Type) take(resolvedType)
    }
  }
  take(message)
  return types
}

function addField(
  type: protobuf.Type,
  name: string,
  property: DiscoveryProperty,
  types: ReadonlyMap<string, protobuf.Type>,
): void {
  const id = fieldId(type, name)
  const { items, additionalProperties } = property
  if (additionalProperties) {
    type.add(new protobuf.MapField(name, id, 'string', typeName(type, name, additionalProperties, types)))
    return
  }
  const fieldType = typeName(type, name, items ?? property, types)
  if (items) {
    type.add(new protobuf.Field(name, id, fieldType, 'repeated'))
    return
  }
  const [oneof = '', members = []] = ONEOFS[type.name] ?? []
  const field = new protobuf.Field(name, id, fieldType, undefined, undefined, { proto3_optional: true })
  if (members.includes(name)) {
    const known = type.oneofs[oneof]
    if (!known) throw new TypeError(`${type.fullName} has no oneof ${oneof}`)
    known.add(new protobuf.Field(name, id, fieldType))
    return
  }
  type.add(field)
  type.add(new protobuf.OneOf(`_${name}`, [name]))
}

function typeName(
  type: protobuf.Type,
  field: string,
  property: DiscoveryProperty,
  types: ReadonlyMap<string, protobuf.Type>,
): string {
  if (property.$ref !== undefined) {
    const found = types.get(property.$ref)
    if (!found) throw new TypeError(`${type.fullName}.${field} refers to an unknown type ${property.$ref}`)
    return found.fullName
  }
  if (property.enum) return enumOf(type, field, property.enum).fullName
  const { format = '' } = property
  const name =
    FORMATS[format] ?? (/^u?int(?:32|64)$|^double$|^float$/.test(format) ? format : TYPES[property.type ?? ''])
  if (name === undefined)
    throw new TypeError(`${type.fullName}.${field} has an unknown type ${JSON.stringify(property)}`)
  return name
}

/** A new enum inside the type, numbered in the order of its values. */
function enumOf(type: protobuf.Type, field: string, values: readonly string[]): protobuf.Enum {
  const made = new protobuf.Enum(
    `${field.slice(0, 1).toUpperCase()}${field.slice(1)}`,
    Object.fromEntries(values.map((value, index) => [value, index])),
  )
  type.add(made)
  return made
}

function addEnumValues(field: protobuf.Field, property: DiscoveryProperty): void {
  const { resolvedType } = field.resolve()
  if (!(resolvedType instanceof protobuf.Enum)) return
  for (const value of property.enum ?? property.items?.enum ?? []) {
    if (Object.hasOwn(resolvedType.values, value)) continue
    resolvedType.add(value, Math.max(...Object.values(resolvedType.values)) + 1)
  }
}

/** A field always gets the same number, regardless of other fields. */
function fieldId(type: protobuf.Type, name: string): number {
  let hash = 0x811c9dc5
  for (const character of `${type.name}.${name}`) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0
  const id = FIRST_ID + (hash % IDS)
  if (type.fieldsById[id]) throw new TypeError(`${type.fullName}.${name} has the number of another field`)
  return id
}
