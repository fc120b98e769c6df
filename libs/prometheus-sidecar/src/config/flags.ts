import { hostname } from 'node:os'
import { type Invocation, readCommandLine, UsageError } from '@node-to-cloud/command-line'
import type { FormatName, StaticResource, ThinnedSeries } from '../convert/conversion-rules.ts'
import { FORMATS } from '../convert/formats/formats.ts'
import { parseSelector, type Selector, SelectorError } from '../convert/selector.ts'
import type { ApiAddress } from './api-address.ts'
import type { LeasePlace } from './lease-place.ts'
import { PROGRAM } from './program.ts'

/** The parsed and validated command line. Strings that were not given are empty. */
export interface Flags {
  readonly projectId: string
  readonly apiAddress: ApiAddress
  readonly kubernetesLocation: string
  readonly kubernetesClusterName: string
  readonly genericLocation: string
  readonly genericNamespace: string
  readonly metricsFormat: FormatName
  readonly metricsPrefix: string
  readonly useGkeResource: boolean
  readonly targetlessResource: StaticResource | undefined
  readonly minSamplingPeriodMs: number
  readonly include: readonly Selector[]
  readonly intervals: readonly ThinnedSeries[]
  readonly configFile: string
  readonly prometheus: PrometheusFlags
  readonly scrapeConfig: string
  readonly scrapeBufferPoints: number
  readonly dryRun: boolean
  /** Empty in a dry run. */
  readonly stateFile: string
  /** Undefined: this is the only sidecar. */
  readonly election: ElectionFlags | undefined
  readonly maxSeries: number
  readonly learningPeriodMs: number
  /** 0: no audits. */
  readonly auditEveryMs: number
  readonly maxBodyBytes: number
  readonly allowRemoteWriters: boolean
  readonly allowedHosts: readonly string[]
  readonly listen: { readonly host: string; readonly port: number }
  readonly logLevel: string
  readonly shutdownGraceMs: number
  /** Flags of Google's sidecar that were given but have no effect here. */
  readonly ignored: readonly string[]
}

/** How one of several sidecars is elected to write. */
export interface ElectionFlags {
  readonly lease: LeasePlace
  readonly durationMs: number
  readonly identity: string
  readonly serviceAccountFolder: string
}

/** How to reach Prometheus' API. */
export interface PrometheusFlags {
  /** Its path ends with a slash. */
  readonly url: URL
  readonly username: string
  readonly passwordFile: string
  readonly bearerTokenFile: string
  readonly caFile: string
}

/** What `--help` or `--version` prints. */
export interface Information {
  readonly kind: 'information'
  readonly text: string
}

/** Reads the command line. Throws a {@link UsageError} that names each problem. */
export function parseFlags(args: readonly string[], env: NodeJS.ProcessEnv): Flags | Information {
  const line = readCommandLine(PROGRAM, args, env)
  if (line.kind === 'information') return line
  const { options, ignored } = line
  const problems: string[] = []
  const metricsFormat = options['stackdriver.metrics-format']
  const flags: Flags = {
    projectId: options['stackdriver.project-id'] ?? '',
    apiAddress: options['stackdriver.api-address'],
    kubernetesLocation: options['stackdriver.kubernetes.location'] ?? '',
    kubernetesClusterName: options['stackdriver.kubernetes.cluster-name'] ?? '',
    genericLocation: options['stackdriver.generic.location'] ?? '',
    genericNamespace: options['stackdriver.generic.namespace'] ?? '',
    metricsFormat,
    metricsPrefix: options['stackdriver.metrics-prefix'] ?? FORMATS[metricsFormat].prefix,
    useGkeResource: options['stackdriver.use-gke-resource'],
    targetlessResource: options['resource.targetless'],
    minSamplingPeriodMs: options['stackdriver.min-sampling-period'],
    include: [...options.include, ...readFilters(options.filter, problems)],
    intervals: options.interval,
    configFile: options['config-file'] ?? '',
    prometheus: readPrometheus(options, problems),
    scrapeConfig: options['scrape.config'] ?? '',
    scrapeBufferPoints: options['scrape.buffer-points'],
    dryRun: options['dry-run'],
    stateFile: options['dry-run'] ? '' : (options['state-file'] ?? ''),
    election: readElection(options, problems),
    maxSeries: options['series.max'],
    learningPeriodMs: options['histogram.learning-period'],
    auditEveryMs: options['audit.every'],
    maxBodyBytes: options['remote-write.max-body-bytes'],
    allowRemoteWriters: options['remote-write.allow-remote'],
    allowedHosts: options['web.allowed-host'],
    listen: options['web.listen-address'],
    logLevel: options['log.level'],
    shutdownGraceMs: options['shutdown.grace'],
    ignored,
  }
  if (options['stackdriver.use-restricted-ips'] === true) {
    problems.push(
      '--stackdriver.use-restricted-ips is not supported; use --stackdriver.api-address https://restricted.googleapis.com/ or private DNS',
    )
  }
  if (problems.length > 0) throw new UsageError(problems, { command: PROGRAM.name })
  return flags
}

type Options = Invocation<undefined, typeof PROGRAM>['options']

/** Joins the deprecated `--filter` matchers into one selector. */
function readFilters(matchers: readonly string[], problems: string[]): Selector[] {
  if (matchers.length === 0) return []
  try {
    return [parseSelector(`{${matchers.join(',')}}`)]
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error
    problems.push(`--filter can't be used; ${error.message}`)
    return []
  }
}

function readElection(options: Options, problems: string[]): ElectionFlags | undefined {
  const lease = options['ha.lease']
  if (lease === undefined) return undefined
  if ((options['scrape.config'] ?? '') !== '') {
    problems.push(
      '--ha.lease and --scrape.config are mutually exclusive: only Prometheus keeps samples until the writer is elected',
    )
  }
  if (options['dry-run']) problems.push('--ha.lease and --dry-run are mutually exclusive: a dry run writes nothing')
  const { port } = options['web.listen-address']
  return {
    lease,
    durationMs: options['ha.lease-duration'],
    identity: options['ha.identity'] || `${hostname()}:${port}`,
    serviceAccountFolder: options['ha.service-account'],
  }
}

function readPrometheus(options: Options, problems: string[]): PrometheusFlags {
  const url = new URL(options['prometheus.api-address'])
  const username = options['prometheus.username'] ?? ''
  const passwordFile = options['prometheus.password-file'] ?? ''
  const bearerTokenFile = options['prometheus.bearer-token-file'] ?? ''
  if (url.username !== '' || url.password !== '') {
    problems.push(
      '--prometheus.api-address must not contain a password; use --prometheus.username and --prometheus.password-file',
    )
  }
  if (url.search !== '' || url.hash !== '') problems.push('--prometheus.api-address must have no query and no fragment')
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  if ((username === '') !== (passwordFile === '')) {
    problems.push('--prometheus.username and --prometheus.password-file must be given together')
  }
  if (username !== '' && bearerTokenFile !== '') {
    problems.push('--prometheus.username and --prometheus.bearer-token-file are mutually exclusive')
  }
  return { url, username, passwordFile, bearerTokenFile, caFile: options['prometheus.ca-file'] ?? '' }
}
