import { readFileSync } from 'node:fs'
import { type Manifest, nameOf, type Problem } from '../manifest.ts'

/** The attributes of a model by their names in JSON, with their types in the generator's notation. */
type Attributes = Readonly<Record<string, string>>

/** From Kubernetes' client, by `generate-attributes.mts`. */
const MODELS: Readonly<Record<string, Attributes | undefined>> = JSON.parse(
  readFileSync(new URL('attributes.json', import.meta.url), 'utf8'),
)

/**
 * Finds unknown fields and wrong types with the attribute maps of Kubernetes' client. Does not check for required fields.
 */
export function checkAttributeTypes(manifest: Manifest): Problem[] {
  const version = manifest.apiVersion.split('/').at(-1) ?? ''
  const model = `${version[0]?.toUpperCase()}${version.slice(1)}${manifest.kind}`
  const attributes = MODELS[model]
  if (attributes === undefined) {
    return [{ object: nameOf(manifest), message: `no schema for ${manifest.apiVersion} ${manifest.kind}` }]
  }
  const messages: string[] = []
  checkObject(manifest, attributes, '', messages)
  return messages.map((message) => ({ object: nameOf(manifest), message }))
}

function checkObject(value: object, attributes: Attributes, path: string, messages: string[]): void {
  for (const [key, child] of Object.entries(value)) {
    const type = Object.hasOwn(attributes, key) ? attributes[key] : undefined
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
  const attributes = MODELS[type]
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
