import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { basename, dirname } from 'node:path'
import { makeStateFolder } from './journal.ts'
import { hasCode, StateFileError } from './state-file-error.ts'

/** A state file reserved for this process. */
export interface StateLock {
  release(): void
}

/**
 * Reserves a state file for this process, and creates its folder. On Linux this is a socket in the abstract namespace,
 * which no crash leaves behind; it works between processes in the same network namespace, such as a machine's or a
 * pod's. Between processes in different namespaces, and on other systems, the journal notices that its file was
 * replaced.
 *
 * @throws {StateFileError} Another process uses it.
 */
export async function lockStateFile(file: string): Promise<StateLock> {
  await makeStateFolder(file)
  if (process.platform !== 'linux') return { release() {} }
  const { dev, ino } = await stat(dirname(file))
  const name = createHash('sha256')
    .update(`${dev} ${ino} ${basename(file)}`)
    .digest('hex')
  const server = createServer((socket) => socket.destroy())
  server.listen({ path: `\0prometheus-sidecar ${name}` })
  try {
    await once(server, 'listening')
  } catch (cause) {
    if (hasCode(cause, 'EADDRINUSE')) {
      throw new StateFileError(
        `another process uses the state file ${file}: stop it, or set a different --state-file for this one`,
        { cause },
      )
    }
    throw new StateFileError(`the state file ${file} can't be locked: ${String(cause)}`, { cause })
  }
  server.unref()
  return { release: () => void server.close() }
}
