import { basename, dirname, resolve } from 'node:path'
import { type ArtilleryCore, loadArtilleryCore } from '../artillery/core.ts'
import type { ScriptConfig, ScriptDocument } from '../artillery/script-document.ts'
import { importModule, readScriptFile } from './files/script-file.ts'
import { ScriptFiles } from './files/script-files.ts'
import type { ModuleExports } from './modules/module-loader.ts'
import { findModule } from './modules/module-path.ts'
import { readPayloads } from './payload.ts'
import { type PlannedLoad, planPhases } from './phases.ts'
import { asRecord, mergeAsArtillery } from './plain-object.ts'
import { chooseTagged, tagsOf } from './scenario-tags.ts'
import { ScriptError } from './script-error.ts'
import {
  chooseScenario,
  type ScriptSettings,
  withOverrides,
  withoutCertificateCheck,
  withPayload,
} from './script-settings.ts'
import { templateFunctions } from './template-functions.ts'

/** A script that was read and checked, ready to run. */
export interface LoadScript {
  /** Absolute path of the script's file. */
  readonly path: string
  /** File name of the script. */
  readonly name: string
  /** Hexadecimal SHA-256 of the script and of every file it names; the same on all workers of a run. */
  readonly digest: string
  /** The text of each of these files by its absolute path. */
  readonly files: ReadonlyMap<string, string>
  readonly document: ScriptDocument
  /** The given target, else the script's `config.target`. */
  readonly target: string
  /** The load of the script's phases. */
  readonly plan: PlannedLoad
  /** The `shape` function that a TypeScript or JavaScript script may export. */
  readonly shape: ((seconds: number) => unknown) | undefined
}

export interface ReadScriptOptions extends ScriptSettings {
  /** Overrides the script's target. */
  readonly target?: string | undefined
  /** The one of `config.environments` to merge into `config`. */
  readonly environment?: string | undefined
  /** Id of the run: random values in `config` are the same for all who read the script for it. */
  readonly testId?: string | undefined
}

/** As in Artillery, a script without phases starts one virtual user. */
const DEFAULT_PHASES = [{ duration: 1, arrivalCount: 1 }]

/** A call in a template, as Artillery finds it. */
const CALL = /{{\s*(\$[A-Za-z0-9_]+)\s*\(/

/**
 * Reads an Artillery script: YAML, JSON, or a TypeScript or JavaScript module that exports `config` and `scenarios`.
 * Nothing is written next to the script.
 *
 * @throws ScriptError naming the field and what is allowed.
 */
export async function readScript(path: string, options: ReadScriptOptions = {}): Promise<LoadScript> {
  const core = await loadArtilleryCore()
  const absolutePath = resolve(path)
  const files = new ScriptFiles()
  const file = await readScriptFile(core, absolutePath, files)
  const { module = {} } = file
  const configPath = options.config ?? absolutePath
  const whole =
    options.config === undefined ? file.document : await withConfigFile(core, file.document, configPath, files)
  const document = applySettings(whole, options)
  document.config = fillTemplates(core, document.config, { scriptPath: absolutePath, configPath }, options)
  checkDocument(core, document, absolutePath)
  document.scenarios.forEach(tagsOf)
  if (options.tags !== undefined || options.excludeTags !== undefined)
    document.scenarios = chooseTagged(document.scenarios, options)
  if (options.scenario !== undefined) document.scenarios = [chooseScenario(document.scenarios, options.scenario)]
  const target = checkTarget(document.config.target)
  document.config.target = target
  await readPayloads(document.config, absolutePath, files)
  document.config.processor = await loadProcessor(document.config.processor, configPath, module, files)
  document._scriptPath = absolutePath
  document._configPath = configPath
  if (options.environment !== undefined) document._environment = options.environment
  const { phases, mode } = document.config
  return {
    path: absolutePath,
    name: basename(absolutePath),
    digest: files.digest(),
    files: files.texts,
    document,
    target,
    plan: planPhases(phases ?? DEFAULT_PHASES, mode),
    shape: checkShape(module.shape),
  }
}

/** Merges the sections of another file into those of the script, as `artillery run --config` does. */
async function withConfigFile(
  core: ArtilleryCore,
  document: ScriptDocument,
  path: string,
  files: ScriptFiles,
): Promise<ScriptDocument> {
  const { document: added } = await readScriptFile(core, path, files)
  return mergeAsArtillery(document, added) as ScriptDocument
}

/** In Artillery's order: each one sees what those before it have made. */
function applySettings(document: ScriptDocument, options: ReadScriptOptions): ScriptDocument {
  const { environment, target, insecure, payload, overrides, variables } = options
  let config = applyEnvironment(document.config, environment)
  if (target !== undefined) config.target = withoutTemplates(target)
  if (insecure === true) config = withoutCertificateCheck(config)
  if (payload !== undefined) config = withPayload(config, payload)
  const changed = { ...document, config }
  const applied = overrides === undefined ? changed : withOverrides(changed, overrides)
  if (variables !== undefined) applied.config.variables = { ...applied.config.variables, ...variables }
  return applied
}

function applyEnvironment(config: ScriptConfig, environment: string | undefined): ScriptConfig {
  if (environment === undefined) return { ...config }
  const environments = config.environments ?? {}
  const overlay = Object.hasOwn(environments, environment) ? environments[environment] : undefined
  if (overlay === undefined) {
    const known = Object.keys(environments).join(', ') || 'none'
    throw ScriptError.at('config.environments', `has no "${environment}"; it has: ${known}`)
  }
  return mergeAsArtillery(config, overlay) as ScriptConfig
}

function fillTemplates(
  core: ArtilleryCore,
  { processor, ...config }: ScriptConfig,
  { scriptPath, configPath }: { readonly scriptPath: string; readonly configPath: string },
  { environment, testId, variables }: ReadScriptOptions,
): ScriptConfig {
  const vars = {
    $testId: testId,
    $scenarioFile: scriptPath,
    $dirname: dirname(configPath),
    $processEnvironment: process.env,
    $env: process.env,
    $environment: environment,
    ...variables,
  }
  const funcs = templateFunctions(testId)
  const fill = (input: unknown): unknown => core.engineUtil.template(input, { vars, funcs })
  checkFunctions(config, funcs)
  const filled = fill(config) as ScriptConfig
  return processor === undefined ? filled : { ...filled, processor: fill(processor) }
}

/** Artillery silently replaces a call of an unknown function with nothing. */
function checkFunctions(value: unknown, functions: Readonly<Record<string, unknown>>, field = 'config'): void {
  if (typeof value === 'string') {
    const name = CALL.exec(value)?.[1]
    if (name !== undefined && !Object.hasOwn(functions, name))
      throw ScriptError.at(
        field,
        `calls ${name}, which config does not have; it has ${Object.keys(functions).join(', ')}`,
      )
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) checkFunctions(inner, functions, `${field}.${key}`)
  }
}

function checkDocument(core: ArtilleryCore, document: ScriptDocument, path: string): void {
  if (!Array.isArray(document.scenarios) || document.scenarios.length === 0)
    throw ScriptError.at('scenarios', 'must be a list of at least one scenario')
  const { target, processor, ...config } = document.config
  const problem = core.validateScript({
    ...document,
    config: { ...config, target: target ?? 'http://unset', ...(typeof processor === 'string' ? { processor } : {}) },
  })
  if (problem !== undefined)
    throw new ScriptError(`${basename(path)}: ${problem}`, { field: /"([^"]+)"/.exec(problem)?.[1] })
}

/** Only the script itself may contain templates, because they can read environment variables. */
function withoutTemplates(target: string): string {
  if (target.includes('{{')) throw ScriptError.at('target', `must be a URL without templates, not "${target}"`)
  return target
}

function checkTarget(target: unknown): string {
  const field = 'config.target'
  if (target === undefined || target === '')
    throw new ScriptError('no target: set config.target in the script, --target or TARGET_HOST', { field })
  if (typeof target !== 'string' || !URL.canParse(target))
    throw ScriptError.at(field, `must be a URL such as http://127.0.0.1:8080, not ${JSON.stringify(target)}`)
  return target.replace(/\/+$/, '')
}

function checkShape(shape: unknown): LoadScript['shape'] {
  if (shape !== undefined && typeof shape !== 'function')
    throw ScriptError.at('shape', 'must be a function of the seconds since the start')
  return shape as LoadScript['shape']
}

/** Functions that the script's own module exports, and those of the file `config.processor`. */
async function loadProcessor(
  processor: unknown,
  scriptPath: string,
  module: ModuleExports,
  files: ScriptFiles,
): Promise<Record<string, unknown>> {
  const own = Object.fromEntries(Object.entries(module).filter(([, value]) => typeof value === 'function'))
  if (processor === undefined) return own
  const field = 'config.processor'
  if (typeof processor !== 'string') throw ScriptError.at(field, 'must name a file')
  const path = resolve(dirname(scriptPath), processor)
  const namespace = await importModule(findModule(path) ?? path, files, field, field)
  return { ...own, ...asRecord(namespace.default), ...namespace }
}
