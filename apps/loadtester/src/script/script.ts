import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import parseCsv from 'csv-parse/lib/sync.js'
import { parse as parseYaml } from 'yaml'
import { type ArtilleryCore, loadArtilleryCore } from '../artillery/core.ts'
import type { PayloadSpec, ScriptConfig, ScriptDocument } from '../artillery/types.ts'
import { type PlannedLoad, planPhases } from './phases.ts'
import { ScriptError } from './script-error.ts'

/** A script that was read, checked and filled in: ready to run. */
export interface LoadScript {
  /** Absolute path of the script's file. */
  readonly path: string
  /** Its file name, by which people know it. */
  readonly name: string
  /** SHA-256 over the script and every file that it names, hexadecimal: equal on all workers of a run. */
  readonly digest: string
  readonly document: ScriptDocument
  /** Where the load goes: the option, else the script's own `config.target`. */
  readonly target: string
  /** The load of the script's phases; undefined where it has none. */
  readonly plan: PlannedLoad | undefined
  /** The `shape` function that a TypeScript or JavaScript script may export. */
  readonly shape: ((seconds: number) => unknown) | undefined
}

export interface ReadScriptOptions {
  /** Overrides the script's target. */
  readonly target?: string | undefined
  /** Which of the script's `config.environments` to lay over its `config`. */
  readonly environment?: string | undefined
}

const maximumFileBytes = 64 * 1024 * 1024

/**
 * Reads an Artillery script: YAML, JSON, or a TypeScript or JavaScript module that exports `config` and `scenarios`.
 * Node runs TypeScript itself, so nothing is written beside the script.
 *
 * @throws ScriptError with the field and what is allowed.
 */
export async function readScript(path: string, options: ReadScriptOptions = {}): Promise<LoadScript> {
  const core = await loadArtilleryCore()
  const absolutePath = resolve(path)
  const hash = createHash('sha256')
  const { document, module } = await readDocument(absolutePath, hash)
  const config = applyEnvironment(document.config, options.environment)
  if (options.target !== undefined) config.target = plainTarget(options.target)
  document.config = fillConfigIn(core, config, absolutePath, options)
  checkDocument(core, document, absolutePath)
  const target = checkTarget(document.config.target)
  document.config.target = target
  await readPayloads(document.config, absolutePath, hash)
  await loadProcessor(document.config, absolutePath, module, hash)
  const shape = module?.shape
  if (shape !== undefined && typeof shape !== 'function') {
    throw new ScriptError('shape must be a function of the seconds since the start', { field: 'shape' })
  }
  document._scriptPath = absolutePath
  document._configPath = absolutePath
  if (options.environment !== undefined) document._environment = options.environment
  return {
    path: absolutePath,
    name: basename(absolutePath),
    digest: hash.digest('hex'),
    document,
    target,
    plan: document.config.phases === undefined ? undefined : planPhases(document.config.phases, document.config.mode),
    shape: shape as LoadScript['shape'],
  }
}

type Hash = ReturnType<typeof createHash>

async function readDocument(
  path: string,
  hash: Hash,
): Promise<{ document: ScriptDocument; module?: Record<string, unknown> }> {
  const source = await readText(path, `script ${path}`)
  hash.update(source)
  const extension = extname(path).toLowerCase()
  if (['.ts', '.mts', '.js', '.mjs', '.cjs'].includes(extension)) {
    const module = await importModule(path, source)
    const whole = asRecord(module.default)
    const document = { ...(whole ?? {}), ...pick(module, ['config', 'scenarios', 'before', 'after']) }
    return { document: asDocument(structuredCloneWithFunctions(document), path), module }
  }
  if (!['.yml', '.yaml', '.json'].includes(extension)) {
    throw new ScriptError(`${path}: a script is a .yml, .yaml, .json, .ts, .mts, .js, .mjs or .cjs file`)
  }
  let parsed: unknown
  try {
    parsed = extension === '.json' ? JSON.parse(source) : parseYaml(source, { merge: true })
  } catch (error) {
    throw new ScriptError(`${path}: ${messageOf(error)}`, { cause: error })
  }
  return { document: asDocument(parsed, path) }
}

async function readText(path: string, what: string, field?: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size > maximumFileBytes) {
      throw new ScriptError(
        `${what} has ${size} bytes; at most ${maximumFileBytes} are allowed`,
        field === undefined ? {} : { field },
      )
    }
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof ScriptError) throw error
    throw new ScriptError(`${what} can't be read: ${messageOf(error)}`, {
      cause: error,
      ...(field === undefined ? {} : { field }),
    })
  }
}

/** Imports a module as its file stands now: a process that has read it before would otherwise get what it was then. */
async function importModule(path: string, source: string): Promise<Record<string, unknown>> {
  const url = pathToFileURL(path)
  url.search = createHash('sha256').update(source).digest('hex').slice(0, 16)
  delete createRequire(path).cache[path]
  try {
    const namespace: unknown = await import(url.href)
    return namespace as Record<string, unknown>
  } catch (error) {
    throw new ScriptError(`${path} can't be loaded: ${messageOf(error)}`, { cause: error })
  }
}

function asDocument(parsed: unknown, path: string): ScriptDocument {
  const record = asRecord(parsed)
  if (record === undefined) throw new ScriptError(`${path}: a script needs config and scenarios`)
  const config = record.config ?? {}
  if (asRecord(config) === undefined) throw new ScriptError('config must be a mapping', { field: 'config' })
  return { ...record, config: config as ScriptConfig, scenarios: record.scenarios as ScriptDocument['scenarios'] }
}

function applyEnvironment(config: ScriptConfig, environment: string | undefined): ScriptConfig {
  if (environment === undefined) return { ...config }
  const environments = config.environments ?? {}
  const overlay = Object.hasOwn(environments, environment) ? environments[environment] : undefined
  if (overlay === undefined) {
    const known = Object.keys(environments).join(', ') || 'none'
    throw new ScriptError(`config.environments has no "${environment}"; it has: ${known}`, {
      field: 'config.environments',
    })
  }
  return mergeDeep(config, overlay) as ScriptConfig
}

function fillConfigIn(
  core: ArtilleryCore,
  config: ScriptConfig,
  path: string,
  options: ReadScriptOptions,
): ScriptConfig {
  const vars = {
    $scenarioFile: path,
    $dirname: dirname(path),
    $processEnvironment: process.env,
    $env: process.env,
    $environment: options.environment,
  }
  const { processor, ...plain } = config
  const filled = core.engineUtil.template(plain, { vars, funcs: {} }) as ScriptConfig
  return processor === undefined
    ? filled
    : { ...filled, processor: core.engineUtil.template(processor, { vars, funcs: {} }) }
}

function checkDocument(core: ArtilleryCore, document: ScriptDocument, path: string): void {
  if (!Array.isArray(document.scenarios) || document.scenarios.length === 0) {
    throw new ScriptError('scenarios must be a list with at least one scenario', { field: 'scenarios' })
  }
  const { target, processor, ...config } = document.config
  const checked = {
    ...document,
    config: { ...config, target: target ?? 'http://unset', ...(typeof processor === 'string' ? { processor } : {}) },
  }
  const complaint = core.validateScript(checked)
  if (complaint !== undefined) {
    const field = /"([^"]+)"/.exec(complaint)?.[1]
    throw new ScriptError(`${basename(path)}: ${complaint}`, field === undefined ? {} : { field })
  }
}

/** A target that somebody gives: templates are for the script alone, since they read the environment. */
function plainTarget(target: string): string {
  if (target.includes('{{'))
    throw new ScriptError(`target must be a URL without templates, not ${JSON.stringify(target)}`, { field: 'target' })
  return target
}

function checkTarget(target: unknown): string {
  if (target === undefined || target === '') {
    throw new ScriptError('no target: set config.target in the script, --target or TARGET_HOST', {
      field: 'config.target',
    })
  }
  if (typeof target !== 'string' || !URL.canParse(target)) {
    throw new ScriptError(`config.target must be a URL such as http://127.0.0.1:8080, not ${JSON.stringify(target)}`, {
      field: 'config.target',
    })
  }
  return target.replace(/\/+$/, '')
}

async function readPayloads(config: ScriptConfig, scriptPath: string, hash: Hash): Promise<void> {
  if (config.payload === undefined || config.payload === null) return
  const payloads: PayloadSpec[] = Array.isArray(config.payload) ? config.payload : [config.payload]
  for (const [index, payload] of payloads.entries()) {
    const field = `config.payload[${index}].path`
    if (typeof payload.path !== 'string') throw new ScriptError(`${field} must name a CSV file`, { field })
    payload.path = resolve(dirname(scriptPath), payload.path)
    const source = await readText(payload.path, field, field)
    hash.update(source)
    try {
      payload.data = parseCsv(source, {
        skip_empty_lines: payload.skipEmptyLines !== false,
        cast: payload.cast !== false,
        from_line: payload.skipHeader === true ? 2 : 1,
        delimiter: typeof payload.delimiter === 'string' ? payload.delimiter : ',',
        ...asRecord(payload.options),
      })
    } catch (error) {
      throw new ScriptError(`${field}: ${messageOf(error)}`, { field, cause: error })
    }
    if (payload.fields === undefined && payload.loadAll !== true) {
      throw new ScriptError(`config.payload[${index}].fields must name the columns`, {
        field: `config.payload[${index}].fields`,
      })
    }
  }
  config.payload = payloads
}

async function loadProcessor(
  config: ScriptConfig,
  scriptPath: string,
  module: Record<string, unknown> | undefined,
  hash: Hash,
): Promise<void> {
  const functions = module === undefined ? {} : functionsOf(module)
  if (config.processor === undefined) {
    config.processor = functions
    return
  }
  if (typeof config.processor !== 'string')
    throw new ScriptError('config.processor must name a file', { field: 'config.processor' })
  const path = resolve(dirname(scriptPath), config.processor)
  const source = await readText(path, 'config.processor', 'config.processor')
  hash.update(source)
  const namespace = await importModule(path, source)
  config.processor = { ...functions, ...asRecord(namespace.default), ...namespace }
}

function functionsOf(module: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(module).filter(([, value]) => typeof value === 'function'))
}

function pick(source: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => source[name] !== undefined).map((name) => [name, source[name]]))
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

/** A copy that engines may change: arrays and plain objects are copied, everything else (functions too) is kept. */
function structuredCloneWithFunctions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(structuredCloneWithFunctions)
  const record = asRecord(value)
  if (record === undefined) return value
  return Object.fromEntries(Object.entries(record).map(([key, inner]) => [key, structuredCloneWithFunctions(inner)]))
}

function mergeDeep(base: unknown, overlay: unknown): unknown {
  const baseRecord = asRecord(base)
  const overlayRecord = asRecord(overlay)
  if (baseRecord === undefined || overlayRecord === undefined) return overlay
  const merged: Record<string, unknown> = { ...baseRecord }
  for (const [key, value] of Object.entries(overlayRecord)) merged[key] = mergeDeep(baseRecord[key], value)
  return merged
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
