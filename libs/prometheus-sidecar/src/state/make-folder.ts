import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Part of a folder's path is a file. */
export class NotAFolderError extends Error {
  readonly code = 'ERR_NOT_A_FOLDER'

  constructor(path: string) {
    super(`${path} is a file, not a folder`)
    this.name = 'NotAFolderError'
  }
}

/**
 * Creates a folder and its missing parents. Node's own recursive mkdir loops forever if a file system refuses with
 * ENOENT, as /proc does.
 *
 * @throws {NotAFolderError} Or the system error if a folder can't be created.
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await exists(folder)) return
  const parent = dirname(folder)
  if (parent !== folder) await makeFolder(parent)
  await mkdir(folder).catch(async (error: unknown) => {
    // Another process may have created it meanwhile.
    if (!(await exists(folder))) throw error
  })
}

async function exists(folder: string): Promise<boolean> {
  try {
    if ((await stat(folder)).isDirectory()) return true
  } catch (error) {
    // ENOTDIR: one of its parents is a file; checking them finds out which.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return false
    throw error
  }
  throw new NotAFolderError(folder)
}
