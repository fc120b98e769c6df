import { resolve } from 'node:path'
import type { ScenarioSpec, ScriptConfig, ScriptDocument } from '../artillery/script-document.ts'
import { asRecord, mergeAsArtillery } from './plain-object.ts'
import { ScriptError } from './script-error.ts'

/** What a run changes in its script, besides target and environment, as the options of `artillery run` do. */
export interface ScriptSettings {
  /** Merged into `config.variables`; templates in `config` see them too. */
  readonly variables?: Readonly<Record<string, unknown>> | undefined
  /** Merged into the whole script; lists are replaced. */
  readonly overrides?: Readonly<Record<string, unknown>> | undefined
  /** TLS certificates are not checked. */
  readonly insecure?: boolean | undefined
  /** The one scenario to run: its name, or a regular expression that only one name matches. */
  readonly scenario?: string | undefined
  /** Run scenarios that have one of these `tags` only. */
  readonly tags?: readonly string[] | undefined
  /** Run no scenario that has one of these. */
  readonly excludeTags?: readonly string[] | undefined
  /** Absolute path of the CSV file of `config.payload`. */
  readonly payload?: string | undefined
  /** Absolute path of a file whose sections are merged into those of the script. */
  readonly config?: string | undefined
}

/** Turns off certificate verification, whatever the script says. */
export function withoutCertificateCheck(config: ScriptConfig): ScriptConfig {
  return { ...config, tls: { ...asRecord(config.tls), rejectUnauthorized: false } }
}

/**
 * Sets the path of the script's one payload.
 *
 * @throws ScriptError if the script has none, or several.
 */
export function withPayload(config: ScriptConfig, path: string): ScriptConfig {
  const { payload } = config
  const spec = Array.isArray(payload) && payload.length === 1 ? payload[0] : payload
  if (asRecord(spec) === undefined)
    throw ScriptError.at('payload', `is given, so config.payload must be one file such as { fields: [name] }`)
  return { ...config, payload: [{ ...asRecord(spec), path: resolve(path) }] }
}

/** Merges `overrides` into a script, as Artillery does. */
export function withOverrides(document: ScriptDocument, overrides: Readonly<Record<string, unknown>>): ScriptDocument {
  const merged = asRecord(mergeAsArtillery(document, overrides, { lists: 'replace' })) ?? {}
  const config = asRecord(merged.config)
  if (config === undefined) throw ScriptError.at('overrides.config', 'must be a mapping')
  return { ...merged, config, scenarios: merged.scenarios as ScenarioSpec[] }
}

/**
 * Chooses one scenario, as `artillery run --scenario-name` does.
 *
 * @throws ScriptError if no name matches, or several do.
 */
export function chooseScenario(scenarios: readonly ScenarioSpec[], wanted: string): ScenarioSpec {
  const pattern = patternOf(wanted)
  const exact = scenarios.filter(({ name }) => name === wanted)
  const found = exact.length > 0 ? exact : scenarios.filter(({ name }) => name !== undefined && pattern.test(name))
  const [chosen] = found
  if (chosen !== undefined && found.length === 1) return chosen
  const names = scenarios.map(({ name }) => name ?? '(no name)').join(', ')
  const problem = chosen === undefined ? 'matches no scenario' : `matches ${found.length} scenarios`
  throw ScriptError.at('scenario', `${JSON.stringify(wanted)} ${problem}; the script has: ${names}`)
}

function patternOf(wanted: string): RegExp {
  try {
    return new RegExp(wanted)
  } catch (error) {
    throw ScriptError.at('scenario', `must be a name or a regular expression, not ${JSON.stringify(wanted)}`, error)
  }
}
