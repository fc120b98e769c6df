/** One flag of the command line. */
export interface FlagSpec {
  readonly type: 'string' | 'boolean'
  readonly multiple?: boolean
  readonly default?: string
  readonly value?: string
  /** Undefined: it is not shown. */
  readonly help?: string
}

/** Help of the flags that mean nothing here. */
export const IGNORED = 'of Google’s sidecar; taken and ignored'

/** All flags. */
export const FLAG_SPECS = {
  'stackdriver.project-id': {
    type: 'string',
    value: 'ID',
    help: 'Google Cloud project. Default: $GOOGLE_CLOUD_PROJECT, the GCE metadata server, the credentials',
  },
  'stackdriver.api-address': {
    type: 'string',
    value: 'URL',
    default: 'https://monitoring.googleapis.com:443/',
    help: 'Cloud Monitoring. ?auth=false: plaintext and no credentials',
  },
  'stackdriver.kubernetes.location': {
    type: 'string',
    value: 'NAME',
    help: 'Region or zone of the cluster. Default: the GCE metadata server',
  },
  'stackdriver.kubernetes.cluster-name': {
    type: 'string',
    value: 'NAME',
    help: 'Name of the cluster. Default: the GCE metadata server',
  },
  'stackdriver.generic.location': {
    type: 'string',
    value: 'NAME',
    help: 'Location of generic_task resources, for targets outside of Kubernetes',
  },
  'stackdriver.generic.namespace': { type: 'string', value: 'NAME', help: 'Namespace of generic_task resources' },
  'stackdriver.metrics-prefix': {
    type: 'string',
    value: 'PREFIX',
    default: 'external.googleapis.com/prometheus',
    help: 'Put before each metric’s name',
  },
  'stackdriver.use-gke-resource': { type: 'boolean', help: 'Use the older resource gke_container for everything' },
  'stackdriver.min-sampling-period': {
    type: 'string',
    value: 'DURATION',
    default: '5s',
    help: 'Points of a series that are closer are dropped; 0: none is',
  },
  'resource.targetless': {
    type: 'string',
    value: 'TYPE{LABEL=VALUE,…}',
    help: 'Resource of series without a target (recording rules); without it they are dropped',
  },
  include: {
    type: 'string',
    multiple: true,
    value: 'SELECTOR',
    help: 'Carry only series that a PromQL selector matches; may be given often',
  },
  filter: {
    type: 'string',
    multiple: true,
    value: 'MATCHER',
    help: 'Deprecated: matchers that all have to hold. Use --include',
  },
  'config-file': { type: 'string', value: 'FILE', help: 'YAML with metric_renames and static_metadata' },
  'prometheus.api-address': {
    type: 'string',
    value: 'URL',
    default: 'http://127.0.0.1:9090/',
    help: 'Prometheus, with its route prefix',
  },
  'prometheus.username': { type: 'string', value: 'NAME', help: 'Basic auth towards Prometheus' },
  'prometheus.password-file': { type: 'string', value: 'FILE', help: 'Its password' },
  'prometheus.bearer-token-file': { type: 'string', value: 'FILE', help: 'Bearer token towards Prometheus' },
  'prometheus.ca-file': { type: 'string', value: 'FILE', help: 'Certificates that Prometheus’ own is checked against' },
  'scrape.config': {
    type: 'string',
    value: 'FILE',
    help: 'Scrape the static targets of this Prometheus configuration; no Prometheus is needed',
  },
  'scrape.buffer-points': {
    type: 'string',
    value: 'POINTS',
    default: '500000',
    help: 'Points kept while Cloud Monitoring is away, in scrape mode; the oldest go',
  },
  'state-file': {
    type: 'string',
    value: 'FILE',
    help: 'Keep what must outlive a restart; without it the first samples after one are baselines',
  },
  'series.max': {
    type: 'string',
    value: 'SERIES',
    default: '500000',
    help: 'Series known at once; samples of more are dropped',
  },
  'histogram.learning-period': {
    type: 'string',
    value: 'DURATION',
    default: '15s',
    help: 'How long the members of a new histogram are waited for',
  },
  'remote-write.max-body-bytes': {
    type: 'string',
    value: 'BYTES',
    default: '33554432',
    help: 'Largest request, compressed and decompressed',
  },
  'remote-write.allow-remote': { type: 'boolean', help: 'Take writes from other machines too' },
  'web.listen-address': {
    type: 'string',
    value: 'HOST:PORT',
    default: '127.0.0.1:9091',
    help: 'remote_write, /metrics, /healthz, /readyz and the status page',
  },
  'log.level': { type: 'string', value: 'LEVEL', default: 'info', help: 'debug, info, warn or error' },
  'shutdown.grace': {
    type: 'string',
    value: 'DURATION',
    default: '2s',
    help: 'After SIGTERM, writes are still taken for this long (at most 15s)',
  },
  'prometheus.wal-directory': { type: 'string', value: 'DIR', help: IGNORED },
  'monitoring.backend': { type: 'string', multiple: true, value: 'NAME', help: IGNORED },
  'web.enable-statusz': { type: 'boolean', help: IGNORED },
  'log.format': { type: 'string', value: 'FORMAT', help: IGNORED },
  'stackdriver.use-restricted-ips': { type: 'boolean' },
  'stackdriver.store-in-files-directory': { type: 'string' },
  help: { type: 'boolean', help: 'Show this and exit' },
  version: { type: 'boolean', help: 'Show the version and exit' },
} as const satisfies Readonly<Record<string, FlagSpec>>

/** The flags as the README's table: name with its value's form and unit, default, help. */
export function flagTable(): string {
  const taken = Object.entries<FlagSpec>(FLAG_SPECS).filter(([, { help }]) => help !== undefined && help !== IGNORED)
  const rows = taken.map(([name, { value, help = '', default: fallback }]) => {
    const flag = `\`--${name}${value === undefined ? '' : ` ${value}`}\``
    return `| ${flag} | ${fallback === undefined ? '' : `\`${fallback}\``} | ${help} |`
  })
  const ignored = Object.entries<FlagSpec>(FLAG_SPECS).filter(([, { help }]) => help === IGNORED)
  return `| flag | default | |
|---|---|---|
${rows.join('\n')}

Taken and ignored, as flags of Google’s sidecar: ${ignored.map(([name]) => `\`--${name}\``).join(', ')}.
`
}

/** What `--help` shows. */
export function usage(): string {
  const rows = Object.entries<FlagSpec>(FLAG_SPECS)
    .filter(([, { help }]) => help !== undefined)
    .map(([name, { value, help = '', default: fallback }]) => {
      const flag = `--${name}${value === undefined ? '' : ` ${value}`}`
      return [flag, `${help}${fallback === undefined ? '' : ` (${fallback})`}`] as const
    })
  const width = Math.max(...rows.map(([flag]) => flag.length))
  return `Carries Prometheus samples into Google Cloud Monitoring.

Usage:
  prometheus-sidecar --stackdriver.project-id ID [flags]     beside a Prometheus that has in its configuration
      remote_write: [{ url: http://127.0.0.1:9091/api/v1/write }]
  prometheus-sidecar --scrape.config FILE [flags]            scrapes by itself

Flags:
${rows.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`).join('\n')}
`
}
