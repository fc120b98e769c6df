import { createRequire } from 'node:module'
import type { ServiceIdentity } from '../tracing/resource.ts'

/**
 * The name (without its scope) and version of the package that a module of `src/` or `dist/` belongs to.
 *
 * @param moduleUrl `import.meta.url` of a module that stands one folder below its `package.json`
 * @throws where there is no `package.json`, or it has no name or version
 */
export function packageIdentity(moduleUrl: string): ServiceIdentity {
  const manifest: unknown = createRequire(moduleUrl)('../package.json')
  if (!isManifest(manifest)) throw new TypeError(`the package.json above ${moduleUrl} has no name or version`)
  return { name: manifest.name.replace(/^@[^/]*\//, ''), version: manifest.version }
}

function isManifest(value: unknown): value is { readonly name: string; readonly version: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'version' in value &&
    typeof value.version === 'string'
  )
}
