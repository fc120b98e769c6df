import { readFile, stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { messageOf } from '@node-to-cloud/command-line'
import type { ArtilleryCore } from '../../artillery/core.ts'
import type { ScriptConfig, ScriptDocument } from '../../artillery/script-document.ts'
import { loadModule, type ModuleExports } from '../modules/module-loader.ts'
import { asRecord, copyPlain } from '../plain-object.ts'
import { ScriptError } from '../script-error.ts'
import { withoutComments } from './json-comments.ts'
import type { ScriptFiles } from './script-files.ts'

const DATA_EXTENSIONS: readonly string[] = ['.yml', '.yaml', '.json']
const MODULE_EXTENSIONS: readonly string[] = ['.ts', '.mts', '.js', '.mjs', '.cjs']
export const SCRIPT_EXTENSIONS: readonly string[] = [...DATA_EXTENSIONS, ...MODULE_EXTENSIONS]

const MAX_FILE_BYTES = 64 * 1024 * 1024
/** YAML aliases share one value; each use gets its own copy. */
const MAX_VALUES = 1_000_000
const SECTIONS = ['config', 'scenarios', 'before', 'after'] as const

/**
 * Reads a script's file. A TypeScript or JavaScript module exports the sections by name, or all of them as its default.
 *
 * @param files takes the file's text.
 * @throws ScriptError
 */
export async function readScriptFile(
  core: Pick<ArtilleryCore, 'parseScript'>,
  path: string,
  files: ScriptFiles,
): Promise<{ readonly document: ScriptDocument; readonly module?: ModuleExports }> {
  const extension = extname(path).toLowerCase()
  if (MODULE_EXTENSIONS.includes(extension)) {
    const module = await importModule(path, files, `script ${path}`)
    const named = Object.fromEntries(
      SECTIONS.filter((name) => module[name] !== undefined).map((name) => [name, module[name]]),
    )
    return { document: asDocument(copyPlain({ ...asRecord(module.default), ...named }), path), module }
  }
  if (!DATA_EXTENSIONS.includes(extension))
    throw new ScriptError(`${path}: a script's name must end in one of ${SCRIPT_EXTENSIONS.join(', ')}`)
  const source = await readText(path, files, `script ${path}`)
  try {
    const parsed = await parseData(core, source, extension)
    checkSize(parsed, path)
    return { document: asDocument(copyPlain(parsed), path) }
  } catch (error) {
    if (error instanceof ScriptError) throw error
    throw new ScriptError(`${path}: ${messageOf(error)}`, { cause: error })
  }
}

/** As in Artillery, JSON is read as YAML too, so it may have comments that begin with `#`; and here, those of JavaScript. */
async function parseData(
  core: Pick<ArtilleryCore, 'parseScript'>,
  source: string,
  extension: string,
): Promise<unknown> {
  try {
    return await core.parseScript(source)
  } catch (error) {
    const json = extension === '.json' ? withoutComments(source) : source
    if (json === source) throw error
    return core.parseScript(json)
  }
}

/**
 * Reads a text file that a script needs.
 *
 * @param what how errors name it.
 * @throws ScriptError
 */
export async function readText(path: string, files: ScriptFiles, what: string, field?: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size > MAX_FILE_BYTES) throw new Error(`it has ${size} bytes; at most ${MAX_FILE_BYTES} are allowed`)
    const text = await readFile(path, 'utf8')
    files.add(path, text)
    return text
  } catch (error) {
    throw new ScriptError(`${what} can't be read: ${messageOf(error)}`, { field, cause: error })
  }
}

/**
 * Imports a module in its current state, even if this process has imported an earlier one.
 *
 * @param files takes the text of the module and of the files that it imports.
 * @param what how errors name it.
 * @throws ScriptError
 */
export async function importModule(
  path: string,
  files: ScriptFiles,
  what: string,
  field?: string,
): Promise<ModuleExports> {
  await readText(path, files, what, field)
  try {
    const { exports, files: loaded } = await loadModule(path)
    for (const [file, text] of loaded) if (file !== path) files.addImport(file, text, path)
    return exports
  } catch (error) {
    throw new ScriptError(`${path} can't be loaded: ${messageOf(error)}`, { field, cause: error })
  }
}

function checkSize(parsed: unknown, path: string): void {
  let left = MAX_VALUES
  const count = (value: unknown): void => {
    if (--left < 0) throw new ScriptError(`${path}: its aliases add up to more than ${MAX_VALUES} values`)
    if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) count(inner)
  }
  count(parsed)
}

function asDocument(parsed: unknown, path: string): ScriptDocument {
  const record = asRecord(parsed)
  if (record === undefined) throw new ScriptError(`${path}: a script needs config and scenarios`)
  const config = record.config ?? {}
  if (asRecord(config) === undefined) throw ScriptError.at('config', 'must be a mapping')
  return { ...record, config: config as ScriptConfig, scenarios: record.scenarios as ScriptDocument['scenarios'] }
}
