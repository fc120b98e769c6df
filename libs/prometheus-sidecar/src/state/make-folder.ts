import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** A path on the way to a folder is that of something else. */
export class NotAFolderError extends Error {
  readonly code = 'ERR_NOT_A_FOLDER'

  constructor(path: string) {
    super(`${path} is a file, not a folder`)
    this.name = 'NotAFolderError'
  }
}

/**
 * Makes a folder and those above it that are missing. Not by Node's own recursive mkdir, which never ends where a file system refuses by ENOENT, as
 * /proc does.
 *
 * @throws {NotAFolderError} which names the file in the way, or the system's error where a folder can't be made
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await isThere(folder)) return
  const parent = dirname(folder)
  if (parent !== folder) await makeFolder(parent)
  await mkdir(folder).catch(async (error: unknown) => {
    // Somebody else may have made it meanwhile.
    if (!(await isThere(folder))) throw error
  })
}

async function isThere(folder: string): Promise<boolean> {
  try {
    if ((await stat(folder)).isDirectory()) return true
  } catch (error) {
    // ENOTDIR: one of those above it is a file; asking for them says which.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return false
    throw error
  }
  throw new NotAFolderError(folder)
}
