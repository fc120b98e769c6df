import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode, PersistenceError } from './persistence-error.ts'

const FILE = 'lock'

/** Locks a directory against other emulators. Returns a function that releases it. */
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
  throw new PersistenceError(`--data-dir ${directory} is used by another process; each emulator needs its own`)
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
