import { globSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { nodeFileTrace } from '@vercel/nft'
import { closureOf, readWorkspaces } from './workspaces.ts'

/** The part of the repository that goes into an image. */
export interface Contents {
  /** Files and symbolic links, relative to the repository's root. */
  readonly files: readonly string[]
  /** Imports that could not be resolved, usually optional dependencies. */
  readonly warnings: readonly string[]
}

/** Not needed at run time. A launcher that finds `src/main.ts` would also believe it runs from a checkout. */
const LEFT_OUT = /(?:\.[cm]?ts|\.map|\.test\.js|\.tsbuildinfo|\.md|\.flow)$|\/dist\/testing\//

/**
 * Finds every file that a project needs to run: the build output of the project and of the workspaces it depends on, and the files in
 * `node_modules` that those load.
 *
 * @param root - the repository's root, an absolute path; its projects must be built
 * @param folder - the project's folder, relative to it
 */
export async function traceProject(root: string, folder: string): Promise<Contents> {
  const closure = closureOf(folder, readWorkspaces(root))
  const own = closure.flatMap((workspace) =>
    globSync(['package.json', '{bin,dist}/**/*', ...workspace.include], {
      cwd: join(root, workspace.folder),
      withFileTypes: true,
    })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .filter((file) => !LEFT_OUT.test(file)),
  )
  for (const workspace of closure) {
    if (!own.some((file) => file.endsWith('.js') && dirname(file) === `${workspace.folder}/dist`)) {
      throw new Error(`${workspace.folder} is not built: run tsc -b ${workspace.folder}`)
    }
  }
  const loads = closure.flatMap((workspace) =>
    workspace.loads.flatMap((pattern) => {
      const found = globSync(`node_modules/${pattern}`, { cwd: root })
      if (found.length === 0)
        throw new Error(`${workspace.folder}/package.json, container.loads: no file matches ${pattern}`)
      return found
    }),
  )
  const entries = [...own, ...loads].filter((file) => /\.[cm]?js$/.test(file)).map((file) => join(root, file))
  // A build container may have only 1024 file descriptors.
  const traced = await nodeFileTrace(entries, { base: root, processCwd: join(root, folder), fileIOConcurrency: 128 })
  const files = new Set([...own, ...loads, ...traced.fileList])
  for (const packageFolder of new Set([...files].flatMap(packageFolderOf))) {
    for (const entry of globSync(['package.json', '{LICEN[CS]E,COPYING,NOTICE}*', 'LICENSES/**'], {
      cwd: join(root, packageFolder),
      withFileTypes: true,
    })) {
      if (entry.isFile()) files.add(relative(root, join(entry.parentPath, entry.name)))
    }
  }
  return {
    files: [...files].filter((file) => !LEFT_OUT.test(file)).sort(),
    warnings: [...traced.warnings].map(({ message }) => message.split('\n')[0] ?? ''),
  }
}

/** The folder in `node_modules` of the package that a file belongs to. */
function packageFolderOf(file: string): string[] {
  const parts = file.split(posix.sep)
  const index = parts.lastIndexOf('node_modules')
  if (index < 0) return []
  const depth = index + (parts[index + 1]?.startsWith('@') ? 3 : 2)
  return parts.length > depth ? [parts.slice(0, depth).join(posix.sep)] : []
}
