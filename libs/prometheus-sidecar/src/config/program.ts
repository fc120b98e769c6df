import {
  boolean,
  byteSize,
  duration,
  flag,
  httpUrl,
  ignored,
  integer,
  listenAddress,
  oneOf,
  type ProgramSpec,
  parseDuration,
  repeatable,
  text,
  ValueError,
  type ValueType,
  valueType,
} from '@node-to-cloud/command-line'
import type { ThinnedSeries } from '../convert/conversion-rules.ts'
import { parseSelector, type Selector, SelectorError } from '../convert/selector.ts'
import { VERSION } from '../model/version.ts'
import { type ApiAddress, parseApiAddress } from './api-address.ts'
import { type LeasePlace, parseLeasePlace } from './lease-place.ts'
import { isLocation, LOCATION_ALLOWED, MAX_RESOURCE_VALUE } from './resource-values.ts'
import { parseStaticResource } from './static-resource.ts'

/** Kubernetes gives a pod 30 s to terminate, and points in flight need time of their own after the grace period. */
const MAX_SHUTDOWN_GRACE_MS = 15_000

const METRICS_PREFIX = /^[a-z0-9.-]+(\/[A-Za-z0-9_]+)*$/

/** Leaves room for a name: a metric type may have at most 200 characters. */
const MAX_PREFIX_LENGTH = 150

const metricsPrefix = valueType(
  `a domain, with or without a path, of at most ${MAX_PREFIX_LENGTH} characters`,
  (value) => {
    const prefix = value.replace(/\/+$/, '')
    return METRICS_PREFIX.test(prefix) && prefix.length <= MAX_PREFIX_LENGTH ? prefix : undefined
  },
  {
    placeholder: 'PREFIX',
    help: 'Prefix of each metric’s name. Default: external.googleapis.com/prometheus; in the gmp format, prometheus.googleapis.com',
  },
)

/** The ID of a project, which may begin with the domain that it belongs to, or its number. */
const PROJECT = /^([a-z0-9][a-z0-9.-]*:)?[a-z0-9][a-z0-9-]*$/

/** Empty is the same as omitting it. */
const project = valueType(
  'a project’s ID or number, such as my-project',
  (value) => (value === '' || PROJECT.test(value) ? value : undefined),
  {
    placeholder: 'ID',
    help: 'Google Cloud project. Default: the GCE metadata server’s, or the credentials’',
    environment: 'GOOGLE_CLOUD_PROJECT',
  },
)

/** Names of containers may have underscores. */
const HOST_NAME = /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$/

const hostName = valueType(
  'a host name without scheme and port, such as metrics.example.com',
  (value) => (HOST_NAME.test(value) ? value : undefined),
  { placeholder: 'NAME', help: 'Another host name that the web server accepts, such as a public one' },
)

const DEFAULT_API_ADDRESS = 'https://monitoring.googleapis.com:443/'

const apiAddress: ValueType<ApiAddress> = valueType<ApiAddress, ApiAddress>(
  `a URL such as ${DEFAULT_API_ADDRESS} or http://127.0.0.1:8086/?auth=false`,
  (value) => {
    try {
      return parseApiAddress(value)
    } catch {
      return undefined
    }
  },
  {
    placeholder: 'URL',
    default: parseApiAddress(DEFAULT_API_ADDRESS),
    defaultText: DEFAULT_API_ADDRESS,
    help: 'Address of Cloud Monitoring; ?auth=false means plaintext without credentials',
  },
)

const selector = valueType('a PromQL selector', readSelector, {
  placeholder: 'SELECTOR',
  help: 'Write only series that match one of these PromQL selectors',
})

const interval = valueType(
  'a PromQL selector, = and a duration, such as {__name__=~"node_.*"}=1m',
  (value): ThinnedSeries | undefined => {
    const at = value.lastIndexOf('=')
    const periodMs = at < 0 ? undefined : parseDuration(value.slice(at + 1))
    if (periodMs === undefined || periodMs === 0) return undefined
    return { selector: readSelector(value.slice(0, at)), periodMs }
  },
  {
    placeholder: 'SELECTOR=DURATION',
    help: 'Write at most one point in each DURATION of the series that match; the first that matches counts',
  },
)

const targetlessResource = valueType(
  'a resource such as global{project_id=p} or k8s_cluster{project_id=p,location=l,cluster_name=c}',
  parseStaticResource,
  {
    placeholder: 'TYPE{LABEL=VALUE,…}',
    help: 'Resource of series without a target (recording rules), which are dropped otherwise',
  },
)

const leasePlace = valueType<LeasePlace>(
  'kubernetes, kubernetes:NAME, kubernetes:NAMESPACE/NAME, or file: and a folder, such as file:/shared/lease',
  parseLeasePlace,
  {
    placeholder: 'LEASE',
    help: 'Write only while holding this lease, as one of several that receive the same series: kubernetes, kubernetes:[NAMESPACE/]NAME or file:FOLDER',
  },
)

/** A string that may be empty, which is the same as omitting it: variables in manifests may be empty. */
function optional(placeholder: string, help: string): ValueType<string | undefined> {
  return text({ minLength: 0, maxLength: 4096, placeholder, help })
}

/** Empty is the same as omitting it. */
function location(help: string): ValueType<string | undefined> {
  return valueType(LOCATION_ALLOWED, (value) => (value === '' || isLocation(value) ? value : undefined), {
    placeholder: 'NAME',
    help,
  })
}

/** The value of a label of a monitored resource; empty is the same as omitting it. */
function resourceValue(help: string): ValueType<string | undefined> {
  return text({ minLength: 0, maxLength: MAX_RESOURCE_VALUE, placeholder: 'NAME', help })
}

function unsupported(reason: string): ValueType<never> {
  return valueType<never, never>('left out', () => {
    throw new ValueError(`it is not supported: ${reason}`)
  })
}

function readSelector(value: string): Selector {
  try {
    return parseSelector(value)
  } catch (error) {
    if (error instanceof SelectorError) throw new ValueError(error.message, { cause: error })
    throw error
  }
}

const OPTIONS = {
  'stackdriver.project-id': project,
  'stackdriver.api-address': apiAddress,
  'stackdriver.kubernetes.location': location('Region or zone of the cluster. Default: the GCE metadata server’s'),
  'stackdriver.kubernetes.cluster-name': resourceValue('Name of the cluster. Default: the GCE metadata server’s'),
  'stackdriver.generic.location': location('Location of generic_task resources, for targets outside Kubernetes'),
  'stackdriver.generic.namespace': resourceValue('Namespace of generic_task resources'),
  'stackdriver.metrics-format': oneOf(['external', 'gmp'], {
    placeholder: 'FORMAT',
    default: 'external',
    help: 'external: as Google’s sidecar; gmp: as Managed Service for Prometheus, on prometheus_target',
  }),
  'stackdriver.metrics-prefix': metricsPrefix,
  'stackdriver.use-gke-resource': flag({ help: 'Use the older resource gke_container for all series' }),
  'stackdriver.min-sampling-period': duration({
    default: 5_000,
    help: 'Drop points that follow the previous one of their series sooner; 0 disables it',
  }),
  'resource.targetless': targetlessResource,
  include: repeatable(selector),
  interval: repeatable(interval),
  filter: repeatable(
    text({ placeholder: 'MATCHER', help: 'Deprecated; use --include instead. Matchers, all of which must match' }),
  ),
  'dry-run': flag({
    help: 'Write nothing; count what would be written, and print it every minute and at the end. Keeps no state',
  }),
  'config-file': optional('FILE', 'YAML file with metric_renames and static_metadata'),
  'prometheus.api-address': httpUrl({
    default: 'http://127.0.0.1:9090/',
    help: 'Address of Prometheus, including its route prefix',
  }),
  'prometheus.username': optional('NAME', 'User name for basic auth with Prometheus'),
  'prometheus.password-file': optional('FILE', 'File with the password for basic auth'),
  'prometheus.bearer-token-file': optional('FILE', 'File with a bearer token for Prometheus'),
  'prometheus.ca-file': optional('FILE', 'CA certificates to verify Prometheus’ certificate with'),
  'scrape.config': optional(
    'FILE',
    'Scrape the static targets in this Prometheus configuration file; no Prometheus is needed',
  ),
  'scrape.buffer-points': integer({
    placeholder: 'POINTS',
    default: 500_000,
    min: 1,
    max: 100_000_000,
    help: 'Points kept when scraping while Cloud Monitoring is unavailable; beyond that, the oldest are dropped',
  }),
  'state-file': optional(
    'FILE',
    'Keep state across restarts; without it the first sample of each counter after a restart is only a baseline',
  ),
  'ha.lease': leasePlace,
  'ha.lease-duration': duration({
    default: 15_000,
    min: 3_000,
    max: 600_000,
    help: 'How long the sidecar that writes may be silent before another one takes over',
  }),
  'ha.identity': optional('NAME', 'Name of this sidecar in the lease. Default: host and port'),
  'ha.service-account': text({
    placeholder: 'FOLDER',
    maxLength: 4096,
    default: '/var/run/secrets/kubernetes.io/serviceaccount',
    help: 'Folder with token, ca.crt and namespace for the Kubernetes API',
  }),
  'series.max': integer({
    placeholder: 'SERIES',
    default: 500_000,
    min: 1,
    max: 10_000_000,
    help: 'Maximum number of series; samples of further series are dropped',
  }),
  'histogram.learning-period': duration({
    default: 15_000,
    help: 'How long to wait for more series of a new histogram',
  }),
  'audit.every': duration({
    default: 300_000,
    help: 'How long series are watched before their stored points are compared with Prometheus’ database; 0 disables audits',
  }),
  'remote-write.max-body-bytes': byteSize({
    placeholder: 'BYTES',
    default: 32 * 1024 ** 2,
    min: 1024,
    max: 1024 ** 3,
    help: 'Maximum size of a request, compressed and decompressed',
  }),
  'remote-write.allow-remote': flag({ help: 'Accept writes from other machines too' }),
  'web.listen-address': listenAddress({
    port: 9091,
    help: 'Address of remote_write, /metrics, /healthz, /readyz and the status page',
  }),
  'web.allowed-host': repeatable(hostName),
  'log.level': oneOf(['debug', 'info', 'warn', 'error'], {
    placeholder: 'LEVEL',
    default: 'info',
    help: 'debug, info, warn or error',
  }),
  'shutdown.grace': duration({
    default: 2_000,
    max: MAX_SHUTDOWN_GRACE_MS,
    help: 'How long writes are still accepted after SIGTERM, at most 15s',
  }),
  'prometheus.wal-directory': ignored(optional('DIR', 'Flag of Google’s sidecar')),
  'monitoring.backend': ignored(repeatable(text({ help: 'Flag of Google’s sidecar' }))),
  'web.enable-statusz': ignored(boolean({ help: 'Flag of Google’s sidecar' })),
  'log.format': ignored(optional('FORMAT', 'Flag of Google’s sidecar')),
  'stackdriver.use-restricted-ips': boolean(),
  'stackdriver.store-in-files-directory': unsupported(
    'to keep points on this machine, point --stackdriver.api-address at cloud-emulator',
  ),
} as const

/** The command line of the sidecar. */
export const PROGRAM = {
  name: 'prometheus-sidecar',
  version: VERSION,
  summary: 'Writes Prometheus samples to Google Cloud Monitoring',
  options: OPTIONS,
  details: `To receive samples from Prometheus, add this to its configuration:

  remote_write: [{ url: http://127.0.0.1:9091/api/v1/write }]

Without one: --scrape.config FILE.`,
} as const satisfies ProgramSpec
