import type { StaticMetadata } from '../convert/conversion-rules.ts'
import type { MetricType } from '../model/metadata.ts'
import { readYaml } from './yaml.ts'

/** The content of `--config-file`. */
export interface ConfigFile {
  readonly metricRenames: ReadonlyMap<string, string>
  readonly staticMetadata: ReadonlyMap<string, StaticMetadata>
}

const TYPES = ['counter', 'gauge', 'histogram', 'summary', 'unknown', 'untyped'] as const
const VALUE_TYPES = new Map<string, 'DOUBLE' | 'INT64'>([
  ['double', 'DOUBLE'],
  ['int64', 'INT64'],
])

/**
 * Reads `metric_renames` and `static_metadata` as Google's sidecar has them:
 *
 * ```yaml
 * metric_renames:
 *   - { from: job:up:sum, to: job_up_sum }
 * static_metadata:
 *   - { metric: job_up_sum, type: gauge, value_type: int64, help: … }
 * ```
 *
 * Gives the problems that it finds, each with its field, value and what is allowed.
 */
export function parseConfigFile(yaml: string): { readonly config: ConfigFile; readonly problems: readonly string[] } {
  const problems: string[] = []
  const metricRenames = new Map<string, string>()
  const staticMetadata = new Map<string, StaticMetadata>()
  const document = readYaml(yaml)
  problems.push(...document.problems)
  const root = document.value ?? {}
  if (!isRecord(root)) problems.push('it has to be a map')
  for (const [field, value] of Object.entries(isRecord(root) ? root : {})) {
    if (field === 'metric_renames') {
      for (const [at, entry] of entries(field, value, problems)) {
        const { from, to } = entry
        if (typeof from !== 'string' || from === '' || typeof to !== 'string' || to === '') {
          problems.push(`${at}: needs from and to, both metric names`)
        } else if (metricRenames.has(from)) problems.push(`${at}.from: ${JSON.stringify(from)} is renamed twice`)
        else metricRenames.set(from, to)
      }
    } else if (field === 'static_metadata') {
      for (const [at, entry] of entries(field, value, problems)) readMetadata(at, entry, staticMetadata, problems)
    } else if (field === 'aggregated_counters') {
      problems.push('aggregated_counters: is not supported; a recording rule and --resource.targetless do the same')
    } else problems.push(`${field}: is unknown; metric_renames and static_metadata are allowed`)
  }
  return { config: { metricRenames, staticMetadata }, problems }
}

function readMetadata(
  at: string,
  entry: Readonly<Record<string, unknown>>,
  found: Map<string, StaticMetadata>,
  problems: string[],
): void {
  const { metric, type, value_type: valueType = 'double' } = entry
  const known = TYPES.find((name) => name === type)
  const value = VALUE_TYPES.get(String(valueType).toLowerCase())
  if (typeof metric !== 'string' || metric === '') problems.push(`${at}.metric: is missing`)
  else if (known === undefined)
    problems.push(`${at}.type: ${JSON.stringify(type)}; one of ${TYPES.join(', ')} is allowed`)
  else if (value === undefined)
    problems.push(`${at}.value_type: ${JSON.stringify(valueType)}; double or int64 is allowed`)
  else {
    const metricType: MetricType = known === 'untyped' ? 'unknown' : known
    found.set(metric, { type: metricType, valueType: value })
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function* entries(
  field: string,
  value: unknown,
  problems: string[],
): Generator<readonly [string, Readonly<Record<string, unknown>>]> {
  if (!Array.isArray(value)) {
    problems.push(`${field}: has to be a list`)
    return
  }
  for (const [index, item] of value.entries()) {
    if (isRecord(item)) yield [`${field}[${index}]`, item]
    else problems.push(`${field}[${index}]: has to be a map`)
  }
}
