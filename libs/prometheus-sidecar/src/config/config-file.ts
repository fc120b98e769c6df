import type { StaticMetadata } from '../convert/conversion-rules.ts'
import { isJsonObject, type JsonObject } from '../model/json-object.ts'
import { parseMetricType } from '../model/metadata.ts'
import { FieldReader } from './field-reader.ts'
import { readYaml } from './yaml.ts'

/** The content of `--config-file`. */
export interface ConfigFile {
  readonly metricRenames: ReadonlyMap<string, string>
  readonly staticMetadata: ReadonlyMap<string, StaticMetadata>
}

const FIELDS = ['metric_renames', 'static_metadata']
const TYPES = ['counter', 'gauge', 'histogram', 'summary', 'unknown', 'untyped']
const VALUE_TYPES = new Map<string, 'DOUBLE' | 'INT64'>([
  ['double', 'DOUBLE'],
  ['int64', 'INT64'],
])

/**
 * Parses `metric_renames` and `static_metadata` in the format of Google's sidecar:
 *
 * ```yaml
 * metric_renames:
 *   - { from: job:up:sum, to: job_up_sum }
 * static_metadata:
 *   - { metric: job_up_sum, type: gauge, value_type: int64, help: … }
 * ```
 *
 * Each problem names the field, its value and what is allowed.
 */
export function parseConfigFile(yaml: string): { readonly config: ConfigFile; readonly problems: readonly string[] } {
  const metricRenames = new Map<string, string>()
  const staticMetadata = new Map<string, StaticMetadata>()
  const reader = new FieldReader()
  const document = readYaml(yaml)
  reader.problems.push(...document.problems)
  const root = document.value ?? {}
  if (!isJsonObject(root)) reader.problem('it must be a map')
  else {
    for (const { at, fields } of reader.objects(root, 'metric_renames', 'metric_renames')) {
      reader.allowOnly(fields, ['from', 'to'], at)
      readRename(at, fields, metricRenames, reader)
    }
    for (const { at, fields } of reader.objects(root, 'static_metadata', 'static_metadata')) {
      reader.allowOnly(fields, ['metric', 'type', 'value_type', 'help'], at)
      readMetadata(at, fields, staticMetadata, reader)
    }
    reader.allowOnly(root, FIELDS, '', (name) =>
      name === 'aggregated_counters' ? 'is not supported; use a recording rule and --resource.targetless' : undefined,
    )
  }
  return { config: { metricRenames, staticMetadata }, problems: reader.problems }
}

function readRename(at: string, { from, to }: JsonObject, renames: Map<string, string>, reader: FieldReader): void {
  if (typeof from !== 'string' || from === '' || typeof to !== 'string' || to === '') {
    reader.problem(`${at}: needs from and to, both metric names`)
  } else if (renames.has(from)) reader.problem(`${at}.from: ${JSON.stringify(from)} is renamed twice`)
  else renames.set(from, to)
}

function readMetadata(
  at: string,
  { metric, type, value_type: valueTypeText = 'double' }: JsonObject,
  staticMetadata: Map<string, StaticMetadata>,
  reader: FieldReader,
): void {
  const metricType = TYPES.includes(String(type)) ? parseMetricType(String(type)) : undefined
  const valueType = VALUE_TYPES.get(String(valueTypeText).toLowerCase())
  if (typeof metric !== 'string' || metric === '') reader.problem(`${at}.metric: is missing`)
  else if (metricType === undefined)
    reader.problem(`${at}.type: ${JSON.stringify(type)}; must be one of ${TYPES.join(', ')}`)
  else if (valueType === undefined)
    reader.problem(`${at}.value_type: ${JSON.stringify(valueTypeText)}; must be double or int64`)
  else staticMetadata.set(metric, { type: metricType, valueType })
}
