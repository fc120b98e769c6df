import { readFileSync } from 'node:fs'

/**
 * The version of the package that a module belongs to.
 *
 * @param moduleUrl `import.meta.url` of a module that stands one folder below its `package.json`, as those of `src/` and `dist/` do
 */
export function packageVersion(moduleUrl: string): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', moduleUrl), 'utf8'))
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version)
  throw new TypeError(`the package.json above ${moduleUrl} has no version`)
}
