import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { basename, dirname } from 'node:path'
import { makeStateFolder } from './journal.ts'
import { hasCode, StateFileError } from './state-file-error.ts'

/** A state file that belongs to this process. */
export interface StateLock {
  release(): void
}

/**
 * Takes a state file, of which the folder is made, for this process alone, for as long as it lives. On Linux, by a socket in the abstract namespace: no
 * crash leaves one behind. It is one for all processes that share a network namespace, such as a machine's or a pod's; between others, and on other
 * systems, the journal finds out that its file was replaced.
 *
 * @throws {StateFileError} Another process has it.
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
        `another process keeps its state in ${file}: end it, or give this one a --state-file of its own`,
        { cause },
      )
    }
    throw new StateFileError(`the state file ${file} can't be locked: ${String(cause)}`, { cause })
  }
  server.unref()
  return { release: () => void server.close() }
}
