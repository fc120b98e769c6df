import { isJsonObject, type JsonObject } from '../model/json-object.ts'
import { FieldReader } from './field-reader.ts'
import { readYaml } from './yaml.ts'

/** A scrape job: its targets, and how they are scraped. */
export interface ScrapeJob {
  readonly name: string
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly metricsPath: string
  readonly scheme: 'http' | 'https'
  /** Query parameters; a name may have several values. */
  readonly params: readonly (readonly [name: string, value: string])[]
  readonly honorLabels: boolean
  readonly honorTimestamps: boolean
  /** 0: only the scraper's own limit applies. */
  readonly sampleLimit: number
  /** Limit of the decompressed response. 0: only the scraper's own limit applies. */
  readonly bodySizeLimitBytes: number
  readonly followRedirects: boolean
  readonly authorization: Authorization | undefined
  readonly groups: readonly TargetGroup[]
}

/** Targets with the same labels. */
export interface TargetGroup {
  readonly targets: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

/** The source of the Authorization header. Secrets in files are read for each request, so that they can be rotated. */
export type Authorization =
  | { readonly type: 'basic'; readonly username: string; readonly password: Secret }
  | { readonly type: 'header'; readonly scheme: string; readonly credentials: Secret }

/** A secret, or the file that contains it. */
export type Secret = { readonly value: string } | { readonly file: string }

/** A scrape configuration that can't be used. Each problem names the field, its value and what is allowed. */
export class ScrapeConfigError extends Error {
  readonly code = 'ERR_SCRAPE_CONFIG'
  readonly exitCode = 2

  constructor(source: string, problems: readonly string[]) {
    super(`${source} can't be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.name = 'ScrapeConfigError'
  }
}

const DEFAULT_INTERVAL_MS = 60_000
const DEFAULT_TIMEOUT_MS = 10_000
const MAX_TARGETS = 10_000

/** The fields of a scrape config that this scraper supports. */
const JOB_FIELDS = [
  'job_name',
  'scrape_interval',
  'scrape_timeout',
  'metrics_path',
  'scheme',
  'params',
  'honor_labels',
  'honor_timestamps',
  'sample_limit',
  'body_size_limit',
  'basic_auth',
  'authorization',
  'follow_redirects',
  'static_configs',
]

/** The fields of `global` that this scraper supports. */
const GLOBAL_FIELDS = ['scrape_interval', 'scrape_timeout', 'sample_limit', 'body_size_limit']

/** Prometheus’ other fields of `global`, which are ignored. */
const IGNORED_GLOBAL_FIELDS = [
  'scrape_protocols',
  'scrape_native_histograms',
  'always_scrape_classic_histograms',
  'convert_classic_histograms_to_nhcb',
  'extra_scrape_metrics',
  'scrape_failure_log_file',
  'evaluation_interval',
  'rule_query_offset',
  'query_log_file',
  'query_max_duration',
  'query_max_samples_read',
  'query_max_series',
  'external_labels',
  'target_limit',
  'label_limit',
  'label_name_length_limit',
  'label_value_length_limit',
  'keep_dropped_targets',
  'metric_name_validation_scheme',
  'metric_name_escaping_scheme',
]

/**
 * Parses a Prometheus configuration file: `global` (interval, timeout, limits) and `scrape_configs` with
 * `static_configs`. Settings that do not affect scraping (`remote_write`, rules, alerting) are ignored; settings that
 * do but are not supported (service discovery, relabelling) are errors.
 *
 * @throws {ScrapeConfigError}
 */
export function parseScrapeConfig(yaml: string, source: string): ScrapeJob[] {
  const document = readYaml(yaml)
  if (document.problems.length > 0) throw new ScrapeConfigError(source, document.problems)
  const root = document.value
  if (!isJsonObject(root)) throw new ScrapeConfigError(source, ['it must be a map with scrape_configs'])

  const reader = new FieldReader()
  const global = reader.object(root, 'global', 'global') ?? {}
  reader.misspelt(global, GLOBAL_FIELDS, IGNORED_GLOBAL_FIELDS, 'global')
  const intervalMs = reader.duration(global, 'scrape_interval', 'global.scrape_interval', DEFAULT_INTERVAL_MS)
  const timeoutMs = reader.duration(
    global,
    'scrape_timeout',
    'global.scrape_timeout',
    Math.min(DEFAULT_TIMEOUT_MS, intervalMs),
  )
  const sampleLimit = reader.size(global, 'sample_limit', 'global.sample_limit')
  const bodySizeLimitBytes = reader.size(global, 'body_size_limit', 'global.body_size_limit')
  const jobs: ScrapeJob[] = []
  const names = new Set<string>()
  const list = reader.objects(root, 'scrape_configs', 'scrape_configs')
  if (list.length === 0 && reader.problems.length === 0) reader.problem('scrape_configs: at least one job is needed')
  for (const { at, fields } of list) {
    const job = readJob(reader, fields, at, { intervalMs, timeoutMs, sampleLimit, bodySizeLimitBytes })
    if (names.has(job.name)) reader.problem(`${at}.job_name: ${JSON.stringify(job.name)} appears twice`)
    names.add(job.name)
    jobs.push(job)
  }
  const targets = jobs.reduce(
    (sum, { groups }) => sum + groups.reduce((count, { targets }) => count + targets.length, 0),
    0,
  )
  if (reader.problems.length === 0 && targets === 0) reader.problem('scrape_configs: no target in any static_configs')
  if (targets > MAX_TARGETS) reader.problem(`scrape_configs: ${targets} targets; at most ${MAX_TARGETS} are allowed`)
  if (reader.problems.length > 0) throw new ScrapeConfigError(source, reader.problems)
  return jobs
}

function readJob(
  reader: FieldReader,
  fields: JsonObject,
  at: string,
  defaults: Pick<ScrapeJob, 'intervalMs' | 'timeoutMs' | 'sampleLimit' | 'bodySizeLimitBytes'>,
): ScrapeJob {
  reader.allowOnly(
    fields,
    JOB_FIELDS,
    at,
    () => 'is not supported by this scraper; remove it, or let Prometheus scrape and send by remote_write',
  )
  const intervalMs = reader.duration(fields, 'scrape_interval', `${at}.scrape_interval`, defaults.intervalMs)
  const timeoutMs = reader.duration(
    fields,
    'scrape_timeout',
    `${at}.scrape_timeout`,
    Math.min(defaults.timeoutMs, intervalMs),
  )
  if (timeoutMs > intervalMs) {
    reader.problem(
      `${at}.scrape_timeout: ${timeoutMs / 1000}s is longer than the scrape_interval, ${intervalMs / 1000}s`,
    )
  }
  const name = reader.text(fields, 'job_name', `${at}.job_name`, '')
  if (name === '') reader.problem(`${at}.job_name: is missing`)
  const scheme = reader.text(fields, 'scheme', `${at}.scheme`, 'http')
  if (scheme !== 'http' && scheme !== 'https')
    reader.problem(`${at}.scheme: ${JSON.stringify(scheme)}; must be http or https`)
  return {
    name,
    intervalMs,
    timeoutMs,
    metricsPath: reader.text(fields, 'metrics_path', `${at}.metrics_path`, '/metrics'),
    scheme: scheme === 'https' ? 'https' : 'http',
    params: readParams(reader, fields, at),
    honorLabels: reader.flag(fields, 'honor_labels', `${at}.honor_labels`, false),
    honorTimestamps: reader.flag(fields, 'honor_timestamps', `${at}.honor_timestamps`, true),
    sampleLimit: reader.size(fields, 'sample_limit', `${at}.sample_limit`, defaults.sampleLimit),
    bodySizeLimitBytes: reader.size(fields, 'body_size_limit', `${at}.body_size_limit`, defaults.bodySizeLimitBytes),
    followRedirects: reader.flag(fields, 'follow_redirects', `${at}.follow_redirects`, true),
    authorization: readAuthorization(reader, fields, at),
    groups: readGroups(reader, fields, at),
  }
}

function readParams(reader: FieldReader, fields: JsonObject, at: string): (readonly [string, string])[] {
  const params: (readonly [string, string])[] = []
  for (const [name, values] of Object.entries(reader.object(fields, 'params', `${at}.params`) ?? {})) {
    if (!Array.isArray(values)) reader.problem(`${at}.params.${name}: must be a list`)
    else for (const value of values) params.push([name, String(value ?? '')])
  }
  return params
}

function readAuthorization(reader: FieldReader, fields: JsonObject, at: string): Authorization | undefined {
  const basic = reader.object(fields, 'basic_auth', `${at}.basic_auth`)
  const header = reader.object(fields, 'authorization', `${at}.authorization`)
  if (basic !== undefined && header !== undefined)
    reader.problem(`${at}: basic_auth and authorization are mutually exclusive`)
  if (basic !== undefined) {
    reader.allowOnly(basic, ['username', 'password', 'password_file'], `${at}.basic_auth`)
    return {
      type: 'basic',
      username: reader.text(basic, 'username', `${at}.basic_auth.username`, ''),
      password: readSecret(reader, basic, 'password', `${at}.basic_auth`),
    }
  }
  if (header === undefined) return undefined
  reader.allowOnly(header, ['type', 'credentials', 'credentials_file'], `${at}.authorization`)
  return {
    type: 'header',
    scheme: reader.text(header, 'type', `${at}.authorization.type`, 'Bearer'),
    credentials: readSecret(reader, header, 'credentials', `${at}.authorization`),
  }
}

function readSecret(reader: FieldReader, fields: JsonObject, name: string, at: string): Secret {
  const file = reader.text(fields, `${name}_file`, `${at}.${name}_file`, '')
  const value = reader.text(fields, name, `${at}.${name}`, '')
  if (file !== '' && value !== '') reader.problem(`${at}: ${name} and ${name}_file are mutually exclusive`)
  return file === '' ? { value } : { file }
}

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/

function readGroups(reader: FieldReader, fields: JsonObject, at: string): TargetGroup[] {
  return reader.objects(fields, 'static_configs', `${at}.static_configs`).map(({ at: here, fields: group }) => {
    reader.allowOnly(group, ['targets', 'labels'], here)
    const labels: Record<string, string> = {}
    for (const [name, value] of Object.entries(reader.object(group, 'labels', `${here}.labels`) ?? {})) {
      if (!LABEL_NAME.test(name)) reader.problem(`${here}.labels: ${JSON.stringify(name)} is not a label name`)
      if (value !== null && typeof value === 'object') reader.problem(`${here}.labels.${name}: must be a string`)
      else labels[name] = value === null ? '' : String(value)
    }
    const targets = reader.list(group, 'targets', `${here}.targets`).map((target) => String(target))
    for (const target of targets) {
      if (!isAddress(target)) {
        reader.problem(`${here}.targets: ${JSON.stringify(target)} is not HOST or HOST:PORT (no scheme, no path)`)
      }
    }
    return { targets, labels }
  })
}

function isAddress(target: string): boolean {
  if (target === '' || /[/\s?#@]/.test(target)) return false
  return URL.canParse(`http://${target}/`)
}
