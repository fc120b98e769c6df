import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const PROGRAM = fileURLToPath(new URL('./bounded-disk-program.ts', import.meta.url))

/**
 * Runs `bounded-disk-program.ts` with a limit on the size of files, as on a full disk: a write accepts what fits, and
 * the next one fails. Returns the lines that it prints.
 */
export async function runOnBoundedDisk(kibibytes: number, args: readonly string[]): Promise<string[]> {
  // With the signal ignored, writing fails with EFBIG.
  const shell = `ulimit -f ${kibibytes} && trap '' XFSZ && exec "$0" "$@"`
  const node = [process.execPath, '--conditions=@node-to-cloud/source', PROGRAM, ...args]
  const { stdout } = await promisify(execFile)('bash', ['-c', shell, ...node])
  return stdout.trim().split('\n')
}
