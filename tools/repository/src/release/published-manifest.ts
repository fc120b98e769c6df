/** A `package.json`, as far as publishing reads or changes it. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, unknown>>
  readonly [field: string]: unknown
}

/** What serves the repository alone. */
const INTERNAL_FIELDS = new Set(['devDependencies', 'nx', 'container', 'scripts'])

/** Exports for tests of this repository, whose files are not published. */
const INTERNAL_EXPORT = /^\.\/testing(?:\/|$)/

/** The condition under which this repository runs its sources, which are not published. */
const SOURCE_CONDITION = '@node-to-cloud/source'

/**
 * The manifest with which a package is published.
 *
 * @param folder - the package's folder in the repository
 * @param repositoryUrl - as in `git+https://…`; where it is empty, the package names no repository
 */
export function publishedManifest(manifest: Manifest, folder: string, repositoryUrl: string): Manifest {
  const { name, version, ...others } = manifest
  const kept = Object.entries(others).filter(([field]) => !INTERNAL_FIELDS.has(field) && field !== 'exports')
  return {
    name,
    version,
    ...Object.fromEntries(kept),
    ...(manifest.exports === undefined ? {} : { exports: publishedExports(manifest.exports) }),
    ...(repositoryUrl === '' ? {} : { repository: { type: 'git', url: repositoryUrl, directory: folder } }),
  }
}

function publishedExports(exports: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const published = Object.entries(exports).filter(([path]) => !INTERNAL_EXPORT.test(path))
  return Object.fromEntries(published.map(([path, target]) => [path, withoutSource(target)]))
}

function withoutSource(target: unknown): unknown {
  if (typeof target !== 'object' || target === null) return target
  return Object.fromEntries(Object.entries(target).filter(([condition]) => condition !== SOURCE_CONDITION))
}
