import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** One workspace of the repository. */
export interface Workspace {
  readonly name: string
  /** Relative to the repository's root. */
  readonly folder: string
  readonly dependencies: readonly string[]
  /** Other files that are run or served besides `dist`, `bin` and `package.json`, as globs relative to the folder. */
  readonly include: readonly string[]
  /** Package files whose loading static analysis can't see, as globs below `node_modules`. */
  readonly loads: readonly string[]
}

interface PackageJson {
  readonly name: string
  readonly workspaces?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly container?: { readonly include?: readonly string[]; readonly loads?: readonly string[] }
}

/** Reads every workspace of the repository, by name. */
export function readWorkspaces(root: string): Map<string, Workspace> {
  const { workspaces = [] } = readPackageJson(root)
  const folders = globSync(
    workspaces.map((pattern) => `${pattern}/package.json`),
    { cwd: root },
  )
    .map(dirname)
    .sort()
  return new Map(
    folders.map((folder) => {
      const { name, dependencies = {}, container = {} } = readPackageJson(join(root, folder))
      const { include = [], loads = [] } = container
      return [name, { name, folder, dependencies: Object.keys(dependencies), include, loads }]
    }),
  )
}

/**
 * Returns a workspace and all workspaces that it depends on, directly or indirectly.
 *
 * @throws Error when the folder is not a workspace
 */
export function closureOf(folder: string, workspaces: ReadonlyMap<string, Workspace>): Workspace[] {
  const start = [...workspaces.values()].find((workspace) => workspace.folder === folder)
  if (start === undefined) {
    const folders = [...workspaces.values()].map((workspace) => workspace.folder)
    throw new Error(`"${folder}" is not a workspace; allowed: ${folders.join(', ')}`)
  }
  const closure = new Set([start])
  for (const { dependencies } of closure) {
    for (const name of dependencies) {
      const found = workspaces.get(name)
      if (found !== undefined) closure.add(found)
    }
  }
  return [...closure]
}

function readPackageJson(folder: string): PackageJson {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}
