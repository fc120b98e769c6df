import { type Manifest, nameOf, type Problem } from '../manifest.ts'

/** A model of `kubernetes-models`, which validates against Kubernetes' OpenAPI schema and throws the first error. */
interface ValidatingModel {
  validate(): void
}

type ModelClass = new (data: object) => ValidatingModel

/** Finds missing required fields and values of the wrong format. Does not find unknown fields. */
export async function checkRequiredFields(manifest: Manifest): Promise<Problem[]> {
  const { apiVersion, kind } = manifest
  const exported: Readonly<Record<string, unknown>> = await import(`kubernetes-models/${apiVersion}`)
  const model = exported[kind]
  if (!isModelClass(model)) return [{ object: nameOf(manifest), message: `no schema for ${apiVersion} ${kind}` }]
  try {
    new model(manifest).validate()
    return []
  } catch (error) {
    return [{ object: nameOf(manifest), message: error instanceof Error ? error.message : String(error) }]
  }
}

function isModelClass(value: unknown): value is ModelClass {
  return typeof value === 'function' && typeof value.prototype?.validate === 'function'
}
