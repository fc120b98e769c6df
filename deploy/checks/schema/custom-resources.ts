import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { type Manifest, nameOf, type Problem } from '../manifest.ts'
import podMonitoring from './pod-monitoring.schema.json' with { type: 'json' }

const ajv = new Ajv2020({ allErrors: true, strict: true })

const SCHEMAS: Readonly<Record<string, ValidateFunction>> = {
  'monitoring.googleapis.com/v1 PodMonitoring': ajv.compile(podMonitoring),
}

/** Whether the object is a custom resource with a schema here. */
export function isCustomResource({ apiVersion, kind }: Manifest): boolean {
  return `${apiVersion} ${kind}` in SCHEMAS
}

/** Validates a custom resource against its schema here, which allows only the fields in use. */
export function checkCustomResource(manifest: Manifest): Problem[] {
  const validate = SCHEMAS[`${manifest.apiVersion} ${manifest.kind}`]
  if (validate === undefined) return [{ object: nameOf(manifest), message: 'no schema for this custom resource' }]
  if (validate(manifest)) return []
  return (validate.errors ?? []).map(({ instancePath, message, params }) => ({
    object: nameOf(manifest),
    message: `${instancePath || '/'}: ${message} ${JSON.stringify(params)}`,
  }))
}
