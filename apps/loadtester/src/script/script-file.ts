import { createHash, type Hash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { messageOf } from '@node-to-cloud/command-line'
import { parse as parseYaml } from 'yaml'
import type { ScriptConfig, ScriptDocument } from '../artillery/script-document.ts'
import { asRecord, copyPlain } from './plain-object.ts'
import { ScriptError } from './script-error.ts'

const DATA_EXTENSIONS: readonly string[] = ['.yml', '.yaml', '.json']
const MODULE_EXTENSIONS: readonly string[] = ['.ts', '.mts', '.js', '.mjs', '.cjs']
export const SCRIPT_EXTENSIONS: readonly string[] = [...DATA_EXTENSIONS, ...MODULE_EXTENSIONS]

const MAXIMUM_FILE_BYTES = 64 * 1024 * 1024
const SECTIONS = ['config', 'scenarios', 'before', 'after'] as const

/** What a module exports, by name. */
export type ModuleExports = Readonly<Record<string, unknown>>

/**
 * Reads a script's file. A TypeScript or JavaScript module exports the sections by name, or all of them as its default.
 *
 * @param hash takes the file's text.
 * @throws ScriptError
 */
export async function readScriptFile(
  path: string,
  hash: Hash,
): Promise<{ readonly document: ScriptDocument; readonly module?: ModuleExports }> {
  const source = await readText(path, hash, `script ${path}`)
  const extension = extname(path).toLowerCase()
  if (MODULE_EXTENSIONS.includes(extension)) {
    const module = await importModule(path, source)
    const named = Object.fromEntries(
      SECTIONS.filter((name) => module[name] !== undefined).map((name) => [name, module[name]]),
    )
    return { document: asDocument(copyPlain({ ...asRecord(module.default), ...named }), path), module }
  }
  if (!DATA_EXTENSIONS.includes(extension))
    throw new ScriptError(`${path}: a script must be one of ${SCRIPT_EXTENSIONS.join(', ')}`)
  try {
    const parsed: unknown = extension === '.json' ? JSON.parse(source) : parseYaml(source, { merge: true })
    return { document: asDocument(parsed, path) }
  } catch (error) {
    if (error instanceof ScriptError) throw error
    throw new ScriptError(`${path}: ${messageOf(error)}`, { cause: error })
  }
}

/**
 * Reads a text file that a script needs.
 *
 * @param what how errors name it.
 * @throws ScriptError
 */
export async function readText(path: string, hash: Hash, what: string, field?: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size > MAXIMUM_FILE_BYTES) throw new Error(`it has ${size} bytes; at most ${MAXIMUM_FILE_BYTES} are allowed`)
    const text = await readFile(path, 'utf8')
    hash.update(text)
    return text
  } catch (error) {
    throw new ScriptError(`${what} can't be read: ${messageOf(error)}`, { field, cause: error })
  }
}

/**
 * Imports a module in its current state, even if this process has imported an earlier one.
 *
 * @throws ScriptError
 */
export async function importModule(path: string, source: string): Promise<ModuleExports> {
  const url = pathToFileURL(path)
  url.search = createHash('sha256').update(source).digest('hex').slice(0, 16)
  delete createRequire(path).cache[path]
  try {
    const namespace: unknown = await import(url.href)
    return namespace as ModuleExports
  } catch (error) {
    throw new ScriptError(`${path} can't be loaded: ${messageOf(error)}`, { cause: error })
  }
}

function asDocument(parsed: unknown, path: string): ScriptDocument {
  const record = asRecord(parsed)
  if (record === undefined) throw new ScriptError(`${path}: a script needs config and scenarios`)
  const config = record.config ?? {}
  if (asRecord(config) === undefined) throw ScriptError.at('config', 'must be a mapping')
  return { ...record, config: config as ScriptConfig, scenarios: record.scenarios as ScriptDocument['scenarios'] }
}
