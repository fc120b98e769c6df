import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder and those above it that are missing. Not by Node's own recursive mkdir, which never ends where a file system refuses by ENOENT, as
 * /proc does.
 *
 * @throws the system's error where a folder can't be made
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

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}
