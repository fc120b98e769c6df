import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { ScriptError } from './script-error.ts'

const extensions = new Set(['.yml', '.yaml', '.json', '.ts', '.mts', '.js', '.mjs', '.cjs'])

/** The scripts of one folder. Scripts are named, never sent: whoever reaches the UI can choose one, not bring one along. */
export class ScriptCatalog {
  readonly directory: string

  constructor(directory: string) {
    this.directory = directory
  }

  /** Names of the scripts, sorted. */
  async names(): Promise<string[]> {
    try {
      const entries = await readdir(this.directory, { withFileTypes: true })
      return entries
        .filter(
          (entry) => !entry.isDirectory() && extensions.has(extname(entry.name)) && !entry.name.includes('.test.'),
        )
        .map((entry) => entry.name)
        .sort()
    } catch {
      return []
    }
  }

  /**
   * The file of a script.
   *
   * @throws ScriptError for a name that is not in the folder.
   */
  resolve(name: string): string {
    const path = join(this.directory, name)
    if (name !== basename(name) || name.startsWith('.') || !extensions.has(extname(name)) || !existsSync(path)) {
      throw new ScriptError(`there is no script ${JSON.stringify(name)} in ${this.directory}`, { field: 'script' })
    }
    return path
  }

  /** The text of a script. */
  async source(name: string): Promise<string> {
    return readFile(this.resolve(name), 'utf8')
  }
}
