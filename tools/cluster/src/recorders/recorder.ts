import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The command line that runs one of this folder's programs in an image of this project. */
export function recorderCommand(file: string): readonly string[] {
  const source = readFileSync(join(import.meta.dirname, file), 'utf8')
  return ['/nodejs/bin/node', '--no-warnings', '--input-type=module-typescript', '--eval', source]
}
