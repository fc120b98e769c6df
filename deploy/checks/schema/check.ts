import type { Manifest, Problem } from '../manifest.ts'
import { checkAttributeTypes } from './attribute-types.ts'
import { checkCustomResource, isCustomResource } from './custom-resources.ts'
import { checkRequiredFields } from './required-fields.ts'

/** Finds unknown fields, wrong types and missing required fields. */
export async function checkSchemas(manifests: readonly Manifest[]): Promise<Problem[]> {
  const problems = await Promise.all(
    manifests.map(async (manifest) =>
      isCustomResource(manifest)
        ? checkCustomResource(manifest)
        : [...checkAttributeTypes(manifest), ...(await checkRequiredFields(manifest))],
    ),
  )
  return problems.flat()
}
