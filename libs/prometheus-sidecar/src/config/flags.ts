import { parseArgs } from 'node:util'
import type { StaticResource } from '../convert/conversion-rules.ts'
import { parseSelector, type Selector, SelectorError } from '../convert/selector.ts'
import { type ApiAddress, parseApiAddress } from './api-address.ts'
import { parseDuration } from './duration.ts'
import { FLAG_SPECS, type FlagSpec, IGNORED } from './flag-specs.ts'
import { UsageError } from './usage-error.ts'

/** The command line, checked. Empty texts: not given. */
export interface Flags {
  readonly projectId: string
  readonly apiAddress: ApiAddress
  readonly apiAddressText: string
  readonly kubernetesLocation: string
  readonly kubernetesClusterName: string
  readonly genericLocation: string
  readonly genericNamespace: string
  readonly metricsPrefix: string
  readonly useGkeResource: boolean
  readonly targetlessResource: StaticResource | undefined
  readonly minSamplingPeriodMs: number
  readonly include: readonly Selector[]
  readonly configFile: string
  readonly prometheus: PrometheusFlags
  readonly scrapeConfig: string
  readonly scrapeBufferPoints: number
  readonly stateFile: string
  readonly maxSeries: number
  readonly learningPeriodMs: number
  readonly maxBodyBytes: number
  readonly allowRemoteWriters: boolean
  readonly listen: { readonly host: string; readonly port: number }
  readonly logLevel: string
  readonly shutdownGraceMs: number
  /** Flags of Google's sidecar that were given and mean nothing here. */
  readonly ignored: readonly string[]
}

/** How Prometheus' own API is reached. */
export interface PrometheusFlags {
  readonly url: URL
  readonly username: string
  readonly passwordFile: string
  readonly bearerTokenFile: string
  readonly caFile: string
}

/** Kubernetes gives a pod 30 s to end, and what is in flight has its own time after the grace. */
const MAX_SHUTDOWN_GRACE_MS = 15_000

/** Reads the command line; undefined for `--help` and `--version`, which are told instead. Throws a {@link UsageError}. */
export function parseFlags(args: readonly string[], env: NodeJS.ProcessEnv): Flags | 'help' | 'version' {
  const parsed = parse(args)
  if (parsed.help === true) return 'help'
  if (parsed.version === true) return 'version'
  const problems: string[] = []
  const text = (name: keyof typeof FLAG_SPECS): string => {
    const value = parsed[name]
    const spec: FlagSpec = FLAG_SPECS[name]
    return typeof value === 'string' ? value : (spec.default ?? '')
  }
  const flag = (name: keyof typeof FLAG_SPECS): boolean => parsed[name] === true
  const invalid = (name: keyof typeof FLAG_SPECS, allowed: string) =>
    problems.push(`--${name} is ${JSON.stringify(text(name))}, but has to be ${allowed}`)
  const duration = (name: keyof typeof FLAG_SPECS, maxMs = Number.POSITIVE_INFINITY): number => {
    const durationMs = parseDuration(text(name))
    if (durationMs === undefined) invalid(name, 'a duration such as 5s or 1m30s')
    else if (durationMs > maxMs) invalid(name, `a duration of at most ${maxMs / 1000}s`)
    return durationMs ?? 0
  }
  const count = (name: keyof typeof FLAG_SPECS, min: number, max: number): number => {
    const value = Number(text(name))
    if (!/^\d+$/.test(text(name)) || value < min || value > max) invalid(name, `a whole number from ${min} to ${max}`)
    return value
  }

  if (parsed['stackdriver.store-in-files-directory'] !== undefined) {
    problems.push(
      '--stackdriver.store-in-files-directory is not supported; point --stackdriver.api-address at cloud-emulator to keep points on this machine',
    )
  }
  if (parsed['stackdriver.use-restricted-ips'] === true) {
    problems.push(
      '--stackdriver.use-restricted-ips is not supported; use --stackdriver.api-address https://restricted.googleapis.com/ or private DNS',
    )
  }
  const ignored = Object.entries<FlagSpec>(FLAG_SPECS)
    .filter(([name, { help }]) => help === IGNORED && parsed[name] !== undefined)
    .map(([name]) => `--${name}`)

  let apiAddress: ApiAddress = { host: '', port: 0, authenticated: true }
  try {
    apiAddress = parseApiAddress(text('stackdriver.api-address'))
  } catch {
    invalid(
      'stackdriver.api-address',
      'a URL such as https://monitoring.googleapis.com:443/ or http://127.0.0.1:8086/?auth=false',
    )
  }
  const level = text('log.level')
  if (!['debug', 'info', 'warn', 'error'].includes(level)) invalid('log.level', 'debug, info, warn or error')
  const prefix = text('stackdriver.metrics-prefix').replace(/\/+$/, '')
  if (!/^[a-z0-9.-]+(\/[A-Za-z0-9_]+)*$/.test(prefix))
    invalid('stackdriver.metrics-prefix', 'a domain, with or without a path')

  const flags: Flags = {
    projectId: text('stackdriver.project-id') || (env.GOOGLE_CLOUD_PROJECT ?? ''),
    apiAddress,
    apiAddressText: text('stackdriver.api-address'),
    kubernetesLocation: text('stackdriver.kubernetes.location'),
    kubernetesClusterName: text('stackdriver.kubernetes.cluster-name'),
    genericLocation: text('stackdriver.generic.location'),
    genericNamespace: text('stackdriver.generic.namespace'),
    metricsPrefix: prefix,
    useGkeResource: flag('stackdriver.use-gke-resource'),
    targetlessResource: readResource(text('resource.targetless'), () =>
      invalid(
        'resource.targetless',
        'a resource such as global{project_id=p} or k8s_cluster{project_id=p,location=l,cluster_name=c}',
      ),
    ),
    minSamplingPeriodMs: duration('stackdriver.min-sampling-period'),
    include: readSelectors(parsed.include, parsed.filter, problems),
    configFile: text('config-file'),
    prometheus: readPrometheus(text, problems, invalid),
    scrapeConfig: text('scrape.config'),
    scrapeBufferPoints: count('scrape.buffer-points', 1, 100_000_000),
    stateFile: text('state-file'),
    maxSeries: count('series.max', 1, 10_000_000),
    learningPeriodMs: duration('histogram.learning-period'),
    maxBodyBytes: count('remote-write.max-body-bytes', 1024, 1024 ** 3),
    allowRemoteWriters: flag('remote-write.allow-remote'),
    listen: readListenAddress(text('web.listen-address'), () => invalid('web.listen-address', 'HOST:PORT or :PORT')),
    logLevel: level,
    shutdownGraceMs: duration('shutdown.grace', MAX_SHUTDOWN_GRACE_MS),
    ignored,
  }
  if (problems.length > 0) throw new UsageError(problems)
  return flags
}

type Parsed = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>

function parse(args: readonly string[]): Parsed {
  const options: Record<string, { type: 'string' | 'boolean'; multiple: boolean; short?: string }> = {}
  for (const [name, spec] of Object.entries<FlagSpec>(FLAG_SPECS)) {
    options[name] = { type: spec.type, multiple: spec.multiple ?? false, ...(name === 'help' ? { short: 'h' } : {}) }
  }
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false, allowNegative: true }).values
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.split('. ')[0] : String(cause)
    throw new UsageError([message ?? 'the flags can’t be read'], { cause })
  }
}

function readSelectors(include: Parsed[string], filter: Parsed[string], problems: string[]): Selector[] {
  const texts = Array.isArray(include) ? include.map(String) : []
  const filters = Array.isArray(filter) ? filter.map(String) : []
  if (filters.length > 0) texts.push(`{${filters.join(',')}}`)
  const selectors: Selector[] = []
  for (const text of texts) {
    try {
      selectors.push(parseSelector(text))
    } catch (error) {
      if (!(error instanceof SelectorError)) throw error
      problems.push(`--include: ${error.message}`)
    }
  }
  return selectors
}

function readPrometheus(
  text: (name: keyof typeof FLAG_SPECS) => string,
  problems: string[],
  invalid: (name: keyof typeof FLAG_SPECS, allowed: string) => void,
): PrometheusFlags {
  const address = text('prometheus.api-address')
  let url = new URL('http://127.0.0.1:9090/')
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) url = new URL(address)
  else invalid('prometheus.api-address', 'an http or https URL')
  if (url.username !== '' || url.password !== '') {
    problems.push(
      '--prometheus.api-address must hold no password; use --prometheus.username and --prometheus.password-file',
    )
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  const username = text('prometheus.username')
  const passwordFile = text('prometheus.password-file')
  const bearerTokenFile = text('prometheus.bearer-token-file')
  if ((username === '') !== (passwordFile === '')) {
    problems.push('--prometheus.username and --prometheus.password-file are needed both, or neither')
  }
  if (username !== '' && bearerTokenFile !== '') {
    problems.push('--prometheus.username and --prometheus.bearer-token-file exclude each other')
  }
  return { url, username, passwordFile, bearerTokenFile, caFile: text('prometheus.ca-file') }
}

function readListenAddress(text: string, invalid: () => void): { host: string; port: number } {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text)
  const port = Number(found?.[3])
  if (found === null || port > 65_535) {
    invalid()
    return { host: '127.0.0.1', port: 0 }
  }
  const host = found[1] ?? found[2] ?? ''
  return { host: host === '' ? '0.0.0.0' : host, port }
}

function readResource(text: string, invalid: () => void): StaticResource | undefined {
  if (text === '') return undefined
  const found = /^([a-z0-9_./A-Z-]+)(?:\{(.*)\})?$/.exec(text)
  const labels = new Map<string, string>()
  for (const pair of (found?.[2] ?? '').split(',').filter((pair) => pair !== '')) {
    const equals = pair.indexOf('=')
    if (equals <= 0) {
      invalid()
      return undefined
    }
    labels.set(pair.slice(0, equals).trim(), pair.slice(equals + 1).trim())
  }
  if (found?.[1] === undefined) {
    invalid()
    return undefined
  }
  return { type: found[1], labels }
}
