import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** One workspace of the repository. */
export interface Workspace {
  readonly name: string
  /** Relative to the repository's root. */
  readonly folder: string
  readonly dependencies: readonly string[]
  /** Files beside `dist`, `bin` and `package.json` that run or are served, as globs relative to the folder. */
  readonly include: readonly string[]
  /** What is loaded from packages in a way that no static analysis sees, as globs below `node_modules`. */
  readonly loads: readonly string[]
}

interface PackageJson {
  readonly name: string
  readonly workspaces?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly container?: { readonly include?: readonly string[]; readonly loads?: readonly string[] }
}

/** Every workspace of the repository, by its name. */
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
 * A workspace and all workspaces that it depends on, straight or through another.
 *
 * @throws Error when no workspace lies in that folder
 */
export function closureOf(folder: string, workspaces: ReadonlyMap<string, Workspace>): Workspace[] {
  const start = [...workspaces.values()].find((workspace) => workspace.folder === folder)
  if (start === undefined) {
    const folders = [...workspaces.values()].map((workspace) => workspace.folder)
    throw new Error(`no workspace in "${folder}"; allowed are ${folders.join(', ')}`)
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
