import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from './repository-root.ts'

/** Packages that tests alone need. */
const TEST_PACKAGES = /(^|\/)node_modules\/(autocannon|playwright-core|snappyjs)\//
const TEST_FILE = /\.test\.|(^|\/)(test|testing|e2e|bench|fuzz|crash|testdata)\/|\.tsbuildinfo$/

/**
 * Whether a file of a package or an image belongs to tests alone: by its name, its folder, or its package. A built file
 * whose source is gone does not count: a fresh clone has none.
 *
 * @param folder - the package's folder in the repository
 * @param path - the file, from that folder
 */
export function isTestCode(folder: string, path: string): boolean {
  if (path.includes('node_modules/')) return TEST_PACKAGES.test(path)
  const [, built] = /^dist\/(.+?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(path) ?? []
  if (built !== undefined && !existsSync(join(repositoryRoot, folder, 'src', `${built}.ts`))) return false
  return TEST_FILE.test(path)
}
