import { createHash } from 'node:crypto'
import { relative } from 'node:path'

/** The files that a script consists of, in the order in which they are read. */
export class ScriptFiles {
  readonly #hash = createHash('sha256')
  readonly #texts = new Map<string, string>()

  /** Adds the script itself, or a file that it names. */
  add(path: string, text: string): void {
    this.#hash.update(text)
    this.#texts.set(path, text)
  }

  /** Adds a file that a module imports. */
  addImport(path: string, text: string, importer: string): void {
    this.#hash.update(relative(importer, path)).update(text)
    this.#texts.set(path, text)
  }

  /** Their text by absolute path. */
  get texts(): ReadonlyMap<string, string> {
    return this.#texts
  }

  /** Hexadecimal SHA-256 of all of them; nothing can be added after that. */
  digest(): string {
    return this.#hash.digest('hex')
  }
}
