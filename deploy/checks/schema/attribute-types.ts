import * as client from '@kubernetes/client-node'
import { type Manifest, nameOf, type Problem } from '../manifest.ts'

/** An attribute of a client model: its name in JSON and its type in the generator's notation. */
interface Attribute {
  readonly baseName: string
  readonly type: string
}

const MODELS: Readonly<Record<string, unknown>> = { ...client }

/**
 * Finds unknown fields and wrong types with the attribute maps of Kubernetes' client. Does not check for required fields.
 */
export function checkAttributeTypes(manifest: Manifest): Problem[] {
  const version = manifest.apiVersion.split('/').at(-1) ?? ''
  const model = `${version[0]?.toUpperCase()}${version.slice(1)}${manifest.kind}`
  const attributes = attributesOf(model)
  if (attributes === undefined) {
    return [{ object: nameOf(manifest), message: `no schema for ${manifest.apiVersion} ${manifest.kind}` }]
  }
  const messages: string[] = []
  checkObject(manifest, attributes, '', messages)
  return messages.map((message) => ({ object: nameOf(manifest), message }))
}

function attributesOf(model: string): readonly Attribute[] | undefined {
  const found = MODELS[model]
  if (typeof found !== 'function' || !('getAttributeTypeMap' in found)) return undefined
  const { getAttributeTypeMap } = found
  return typeof getAttributeTypeMap === 'function' ? getAttributeTypeMap.call(found) : undefined
}

function checkObject(value: object, attributes: readonly Attribute[], path: string, messages: string[]): void {
  const types = new Map(attributes.map(({ baseName, type }) => [baseName, type]))
  for (const [key, child] of Object.entries(value)) {
    const type = types.get(key)
    if (type === undefined) messages.push(`${path}${key}: unknown field`)
    else checkValue(child, type, `${path}${key}`, messages)
  }
}

/** Checks a value against a type in the generator's notation: `string`, `Array<V1Container>`, `{ [key: string]: Quantity; }`, `V1PodSpec`. */
function checkValue(value: unknown, type: string, path: string, messages: string[]): void {
  const wrong = () => messages.push(`${path}: ${JSON.stringify(value)?.slice(0, 80)} is not a ${type}`)
  if (type === 'any' || type === 'object') return
  const element = /^(?:Array|Set)<(.+)>$/.exec(type)?.[1]
  if (element !== undefined) {
    if (!Array.isArray(value)) wrong()
    else value.forEach((child, index) => void checkValue(child, element, `${path}[${index}]`, messages))
    return
  }
  const mapped = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1]
  if (mapped !== undefined) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) wrong()
    else for (const [key, child] of Object.entries(value)) checkValue(child, mapped, `${path}.${key}`, messages)
    return
  }
  const attributes = attributesOf(type)
  if (attributes !== undefined) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) wrong()
    else checkObject(value, attributes, `${path}.`, messages)
    return
  }
  const allowed = PRIMITIVES[type]
  if (allowed === undefined) messages.push(`${path}: the schema has the type ${type}, which is not supported here`)
  else if (!allowed.includes(typeof value)) wrong()
}

const PRIMITIVES: Readonly<Record<string, readonly string[]>> = {
  string: ['string'],
  number: ['number'],
  boolean: ['boolean'],
  Date: ['string'],
  V1MicroTime: ['string'],
  IntOrString: ['string', 'number'],
}
