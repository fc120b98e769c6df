import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The name and version of a service. */
export interface ServiceIdentity {
  readonly name: string
  readonly version: string
}

/**
 * The name (without its scope) and version of the package that a module of `src/` or `dist/` belongs to.
 *
 * @param moduleUrl `import.meta.url` of a module one folder below the `package.json`
 * @throws {TypeError} if there is no `package.json`, or it has no name or version
 */
export function packageIdentity(moduleUrl: string): ServiceIdentity {
  const identity = readIdentity(fileURLToPath(new URL('../package.json', moduleUrl)))
  if (identity === undefined) throw new TypeError(`the package.json above ${moduleUrl} has no name or version`)
  return identity
}

/**
 * The name and version of the package of the running program; otherwise `unknown_service:node`, as OpenTelemetry
 * specifies.
 */
export function programIdentity(): ServiceIdentity {
  for (let folder = dirname(process.argv[1] ?? ''); ; folder = dirname(folder)) {
    const identity = readIdentity(join(folder, 'package.json'))
    if (identity !== undefined) return identity
    if (folder === dirname(folder)) return { name: 'unknown_service:node', version: '' }
  }
}

function readIdentity(manifestPath: string): ServiceIdentity | undefined {
  let manifest: unknown
  try {
    manifest = JSON.parse(readFileSync(manifestPath, 'utf8'))
  } catch {
    return undefined
  }
  return isManifest(manifest) ? { name: manifest.name.replace(/^@[^/]*\//, ''), version: manifest.version } : undefined
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
