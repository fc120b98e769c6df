import { parseDuration } from '@node-to-cloud/command-line'
import { readYaml } from './yaml.ts'

/** One job of the configuration: how its targets are scraped. */
export interface ScrapeJob {
  readonly name: string
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly metricsPath: string
  readonly scheme: 'http' | 'https'
  /** Query of the request: several values may have one name. */
  readonly params: readonly (readonly [name: string, value: string])[]
  readonly honorLabels: boolean
  readonly honorTimestamps: boolean
  /** 0: no limit beside the scraper's own. */
  readonly sampleLimit: number
  /** Largest answer, decompressed. 0: no limit beside the scraper's own. */
  readonly bodySizeLimitBytes: number
  readonly followRedirects: boolean
  readonly authorization: Authorization | undefined
  readonly groups: readonly TargetGroup[]
}

/** Targets that share labels. */
export interface TargetGroup {
  readonly targets: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

/** The value of the Authorization header. Secrets are read at each use, so that they may be changed. */
export type Authorization =
  | { readonly type: 'basic'; readonly username: string; readonly password: Secret }
  | { readonly type: 'header'; readonly scheme: string; readonly credentials: Secret }

export type Secret = { readonly value: string } | { readonly file: string }

/** The configuration can't be used: each problem names the field, its value and what is allowed. */
export class ScrapeConfigError extends Error {
  readonly code = 'scrape_config_invalid'
  readonly exitCode = 2

  constructor(source: string, problems: readonly string[]) {
    super(`${source} can't be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.name = 'ScrapeConfigError'
  }
}

const DEFAULT_INTERVAL_MS = 60_000
const DEFAULT_TIMEOUT_MS = 10_000
const MAX_TARGETS = 10_000

/** Of a scrape config: what Prometheus knows and this scraper does, and what it leaves to Prometheus. */
const JOB_FIELDS = new Set([
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
])

/**
 * Reads Prometheus' own configuration file, of which only `global` (interval, timeout) and `scrape_configs` with `static_configs` concern a scraper
 * without Prometheus. What is there for Prometheus itself (`remote_write`, rules, alerting) is left alone; what would change the
 * scrape and is not known here (service discovery, relabelling) is refused.
 *
 * @throws {ScrapeConfigError}
 */
export function parseScrapeConfig(yaml: string, source: string): ScrapeJob[] {
  const problems: string[] = []
  const document = readYaml(yaml)
  if (document.problems.length > 0) throw new ScrapeConfigError(source, document.problems)
  const root = asRecord(document.value)
  if (root === undefined) throw new ScrapeConfigError(source, ['it has to be a map with scrape_configs'])

  const reader = new FieldReader(problems)
  const global = reader.record(root, 'global', 'global') ?? {}
  const interval = reader.duration(global, 'scrape_interval', 'global.scrape_interval', DEFAULT_INTERVAL_MS)
  const timeout = reader.duration(
    global,
    'scrape_timeout',
    'global.scrape_timeout',
    Math.min(DEFAULT_TIMEOUT_MS, interval),
  )
  const jobs: ScrapeJob[] = []
  const names = new Set<string>()
  const list = reader.list(root, 'scrape_configs', 'scrape_configs')
  if (list.length === 0) problems.push('scrape_configs: at least one job is needed')
  for (const [index, item] of list.entries()) {
    const at = `scrape_configs[${index}]`
    const fields = asRecord(item)
    if (fields === undefined) {
      problems.push(`${at}: has to be a map`)
      continue
    }
    const job = readJob(reader, fields, at, { interval, timeout })
    if (names.has(job.name)) problems.push(`${at}.job_name: ${JSON.stringify(job.name)} is there twice`)
    names.add(job.name)
    jobs.push(job)
  }
  const targets = jobs.reduce(
    (sum, { groups }) => sum + groups.reduce((count, { targets }) => count + targets.length, 0),
    0,
  )
  if (problems.length === 0 && targets === 0) problems.push('scrape_configs: no static_configs name a target')
  if (targets > MAX_TARGETS) problems.push(`scrape_configs: ${targets} targets, ${MAX_TARGETS} are allowed`)
  if (problems.length > 0) throw new ScrapeConfigError(source, problems)
  return jobs
}

function readJob(
  reader: FieldReader,
  fields: Fields,
  at: string,
  defaults: { readonly interval: number; readonly timeout: number },
): ScrapeJob {
  for (const name of Object.keys(fields)) {
    if (!JOB_FIELDS.has(name)) {
      reader.problem(
        `${at}.${name}: is not known to this scraper; leave it out, or let Prometheus scrape and send with remote_write`,
      )
    }
  }
  const intervalMs = reader.duration(fields, 'scrape_interval', `${at}.scrape_interval`, defaults.interval)
  const timeoutMs = reader.duration(
    fields,
    'scrape_timeout',
    `${at}.scrape_timeout`,
    Math.min(defaults.timeout, intervalMs),
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
    reader.problem(`${at}.scheme: ${JSON.stringify(scheme)}; http or https is allowed`)
  return {
    name,
    intervalMs,
    timeoutMs,
    metricsPath: reader.text(fields, 'metrics_path', `${at}.metrics_path`, '/metrics'),
    scheme: scheme === 'https' ? 'https' : 'http',
    params: readParams(reader, fields, at),
    honorLabels: reader.flag(fields, 'honor_labels', `${at}.honor_labels`, false),
    honorTimestamps: reader.flag(fields, 'honor_timestamps', `${at}.honor_timestamps`, true),
    sampleLimit: reader.size(fields, 'sample_limit', `${at}.sample_limit`),
    bodySizeLimitBytes: reader.size(fields, 'body_size_limit', `${at}.body_size_limit`),
    followRedirects: reader.flag(fields, 'follow_redirects', `${at}.follow_redirects`, true),
    authorization: readAuthorization(reader, fields, at),
    groups: readGroups(reader, fields, at),
  }
}

function readParams(reader: FieldReader, fields: Fields, at: string): (readonly [string, string])[] {
  const params: (readonly [string, string])[] = []
  for (const [name, values] of Object.entries(reader.record(fields, 'params', `${at}.params`) ?? {})) {
    if (!Array.isArray(values)) reader.problem(`${at}.params.${name}: has to be a list`)
    else for (const value of values) params.push([name, String(value)])
  }
  return params
}

function readAuthorization(reader: FieldReader, fields: Fields, at: string): Authorization | undefined {
  const basic = reader.record(fields, 'basic_auth', `${at}.basic_auth`)
  const header = reader.record(fields, 'authorization', `${at}.authorization`)
  if (basic !== undefined && header !== undefined)
    reader.problem(`${at}: basic_auth and authorization exclude each other`)
  if (basic !== undefined) {
    return {
      type: 'basic',
      username: reader.text(basic, 'username', `${at}.basic_auth.username`, ''),
      password: readSecret(reader, basic, 'password', `${at}.basic_auth`),
    }
  }
  if (header === undefined) return undefined
  return {
    type: 'header',
    scheme: reader.text(header, 'type', `${at}.authorization.type`, 'Bearer'),
    credentials: readSecret(reader, header, 'credentials', `${at}.authorization`),
  }
}

function readSecret(reader: FieldReader, fields: Fields, name: string, at: string): Secret {
  const file = reader.text(fields, `${name}_file`, `${at}.${name}_file`, '')
  const value = reader.text(fields, name, `${at}.${name}`, '')
  if (file !== '' && value !== '') reader.problem(`${at}: ${name} and ${name}_file exclude each other`)
  return file === '' ? { value } : { file }
}

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/

function readGroups(reader: FieldReader, fields: Fields, at: string): TargetGroup[] {
  return reader.list(fields, 'static_configs', `${at}.static_configs`).map((item, index) => {
    const here = `${at}.static_configs[${index}]`
    const group = asRecord(item)
    if (group === undefined) {
      reader.problem(`${here}: has to be a map`)
      return { targets: [], labels: {} }
    }
    const labels: Record<string, string> = {}
    for (const [name, value] of Object.entries(reader.record(group, 'labels', `${here}.labels`) ?? {})) {
      if (!LABEL_NAME.test(name)) reader.problem(`${here}.labels: ${JSON.stringify(name)} is not a label name`)
      if (value !== null && typeof value === 'object') reader.problem(`${here}.labels.${name}: has to be a text`)
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

type Fields = Readonly<Record<string, unknown>>

function asRecord(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
}

const SIZE = /^(\d+(?:\.\d+)?)\s*([KMGTP]?)(i?)B?$/i

/** Reads one field after the other, and notes what is wrong with it. */
class FieldReader {
  readonly #problems: string[]

  constructor(problems: string[]) {
    this.#problems = problems
  }

  problem(text: string): void {
    this.#problems.push(text)
  }

  text(fields: Fields, name: string, at: string, fallback: string): string {
    const value = fields[name]
    if (value === undefined || value === null) return fallback
    if (typeof value === 'object') {
      this.problem(`${at}: has to be a text`)
      return fallback
    }
    return String(value)
  }

  flag(fields: Fields, name: string, at: string, fallback: boolean): boolean {
    const value = fields[name] ?? fallback
    if (typeof value === 'boolean') return value
    this.problem(`${at}: ${JSON.stringify(value)}; true or false is allowed`)
    return fallback
  }

  duration(fields: Fields, name: string, at: string, fallback: number): number {
    const value = fields[name]
    if (value === undefined || value === null) return fallback
    const durationMs = parseDuration(String(value))
    if (durationMs !== undefined && durationMs > 0) return durationMs
    this.problem(`${at}: ${JSON.stringify(value)}; a duration such as 10s or 1m30s is allowed`)
    return fallback
  }

  /** A number, of bytes or samples. */
  size(fields: Fields, name: string, at: string): number {
    const value = fields[name] ?? 0
    const found = SIZE.exec(String(value))
    if (found === null) {
      this.problem(`${at}: ${JSON.stringify(value)}; a number, for bytes with KB, MB or GB, is allowed`)
      return 0
    }
    const power = ' KMGTP'.indexOf((found[2] ?? '').toUpperCase() || ' ')
    return Math.floor(Number(found[1]) * 1024 ** power)
  }

  record(fields: Fields, name: string, at: string): Fields | undefined {
    const value = fields[name]
    if (value === undefined || value === null) return undefined
    const record = asRecord(value)
    if (record === undefined) this.problem(`${at}: has to be a map`)
    return record
  }

  list(fields: Fields, name: string, at: string): readonly unknown[] {
    const value = fields[name] ?? []
    if (Array.isArray(value)) return value
    this.problem(`${at}: has to be a list`)
    return []
  }
}
