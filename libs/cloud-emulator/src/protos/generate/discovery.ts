import { readFileSync } from 'node:fs'

/** A property of a discovery document's schema, without descriptions. */
export interface DiscoveryProperty {
  readonly type?: string
  readonly format?: string
  readonly $ref?: string
  readonly enum?: readonly string[]
  readonly items?: DiscoveryProperty
  readonly additionalProperties?: DiscoveryProperty
}

export type DiscoverySchemas = Readonly<Record<string, Readonly<Record<string, DiscoveryProperty>>>>

/** The parts of Google's discovery document for the Dashboards API from which the definitions are generated. */
export interface Discovery {
  readonly revision: string
  /** The properties of each type that a dashboard may contain. */
  readonly schemas: DiscoverySchemas
}

/** Where Google publishes the newest document. */
export const DISCOVERY_URL = 'https://monitoring.googleapis.com/$discovery/rest?version=v1'
/** The copy of its parts in this repository. */
export const DISCOVERY_FILE: URL = new URL('./dashboards-discovery.json', import.meta.url)

/** The excerpt of the discovery document that is kept in this folder. */
export function readDiscovery(): Discovery {
  return JSON.parse(readFileSync(DISCOVERY_FILE, 'utf8'))
}

interface Schema {
  readonly properties?: Readonly<Record<string, DiscoveryProperty>>
}

/** Extracts the types that a dashboard may contain from a complete document. */
export function dashboardParts(document: { revision: string; schemas: Readonly<Record<string, Schema>> }): Discovery {
  const schemas: Record<string, Record<string, DiscoveryProperty>> = {}
  const take = (name: string): void => {
    if (Object.hasOwn(schemas, name)) return
    const properties: Record<string, DiscoveryProperty> = {}
    schemas[name] = properties
    for (const [key, property] of sorted(document.schemas[name]?.properties ?? {})) {
      properties[key] = withoutTexts(property)
      for (const used of typesOf(property)) take(used)
    }
  }
  take('Dashboard')
  return { revision: document.revision, schemas: Object.fromEntries(sorted(schemas)) }
}

function withoutTexts({
  type,
  format,
  $ref,
  enum: values,
  items,
  additionalProperties,
}: DiscoveryProperty): DiscoveryProperty {
  return {
    ...(type === undefined ? {} : { type }),
    ...(format === undefined ? {} : { format }),
    ...($ref === undefined ? {} : { $ref }),
    ...(values === undefined ? {} : { enum: values }),
    ...(items === undefined ? {} : { items: withoutTexts(items) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: withoutTexts(additionalProperties) }),
  }
}

function typesOf(property: DiscoveryProperty): string[] {
  const inner = [property.items, property.additionalProperties].flatMap((one) => (one ? typesOf(one) : []))
  return property.$ref === undefined ? inner : [property.$ref, ...inner]
}

function sorted<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
}
