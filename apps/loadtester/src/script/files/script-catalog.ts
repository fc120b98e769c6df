import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { ScriptError } from '../script-error.ts'
import { SCRIPT_EXTENSIONS } from './script-file.ts'

/** The scripts in one folder. Clients choose a script by name; they can't send one. */
export class ScriptCatalog {
  readonly directory: string

  constructor(directory: string) {
    this.directory = directory
  }

  /** Names of the scripts, sorted; empty if the folder can't be read. */
  async names(): Promise<string[]> {
    const entries = await readdir(this.directory, { withFileTypes: true }).catch(() => [])
    return entries
      .filter((entry) => !entry.isDirectory() && isScript(entry.name) && !entry.name.includes('.test.'))
      .map((entry) => entry.name)
      .sort()
  }

  /** @throws ScriptError if the folder has no script of that name. */
  resolve(name: string): string {
    const path = join(this.directory, name)
    if (name !== basename(name) || name.startsWith('.') || !isScript(name) || !existsSync(path)) {
      throw new ScriptError(`there is no script ${JSON.stringify(name)} in ${this.directory}`, { field: 'script' })
    }
    return path
  }

  async source(name: string): Promise<string> {
    return readFile(this.resolve(name), 'utf8')
  }
}

function isScript(name: string): boolean {
  return SCRIPT_EXTENSIONS.includes(extname(name))
}
