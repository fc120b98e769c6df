import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode, PersistenceError } from './persistence-error.ts'

const FILE = 'lock'

/** Makes sure that no other emulator uses a directory. Returns the function that gives it back. */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const file = join(directory, FILE)
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const handle = await open(file, 'wx')
      await handle.writeFile(`${process.pid}\n`)
      await handle.close()
      return () => rm(file, { force: true })
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
      const owner = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10)
      if (isAlive(owner)) break
      await rm(file, { force: true })
    }
  }
  throw new PersistenceError(`--data-dir ${directory} is used by another process; give each emulator its own`)
}

function isAlive(pid: number): boolean {
  if (!(pid > 0) || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}
