import type { MetricKind, ValueType } from './stored-types.ts'

/** A metric type that must arrive, with its kind and value type. */
export interface ExpectedType {
  readonly type: string
  readonly metricKind: MetricKind
  readonly valueType: ValueType
  /** The type comes from `/proc`; machines without it never write it. */
  readonly needsProc?: boolean
}

const PREFIX = 'external.googleapis.com/prometheus'
const PROC = { needsProc: true } as const

function expected(name: string, metricKind: MetricKind, valueType: ValueType, extra: { needsProc?: true } = {}) {
  return { type: `${PREFIX}/${name}`, metricKind, valueType, ...extra } satisfies ExpectedType
}

/** The metric types that the pipeline must deliver: those of the two services and their processes, and those of the scrape. */
export const EXPECTED_TYPES: readonly ExpectedType[] = [
  expected('custom_metric_example', 'CUMULATIVE', 'DOUBLE'),
  expected('flask_app_hello_requests', 'CUMULATIVE', 'DOUBLE'),
  expected('flask_exporter_info', 'GAUGE', 'DOUBLE'),
  expected('flask_http_request', 'CUMULATIVE', 'DOUBLE'),
  expected('flask_http_request_duration_seconds', 'CUMULATIVE', 'DISTRIBUTION'),
  expected('process_cpu_seconds', 'CUMULATIVE', 'DOUBLE'),
  expected('process_max_fds', 'GAUGE', 'DOUBLE', PROC),
  expected('process_open_fds', 'GAUGE', 'DOUBLE', PROC),
  expected('process_resident_memory_bytes', 'GAUGE', 'DOUBLE', PROC),
  expected('process_start_time_seconds', 'GAUGE', 'DOUBLE', PROC),
  expected('process_virtual_memory_bytes', 'GAUGE', 'DOUBLE', PROC),
  expected('python_gc_collections', 'CUMULATIVE', 'DOUBLE'),
  expected('python_gc_objects_collected', 'CUMULATIVE', 'DOUBLE'),
  expected('python_gc_objects_uncollectable', 'CUMULATIVE', 'DOUBLE'),
  expected('python_info', 'GAUGE', 'DOUBLE'),
  expected('scrape_duration_seconds', 'GAUGE', 'DOUBLE'),
  expected('scrape_samples_post_metric_relabeling', 'GAUGE', 'DOUBLE'),
  expected('scrape_samples_scraped', 'GAUGE', 'DOUBLE'),
  expected('up', 'GAUGE', 'DOUBLE'),
]

/** The services whose spans must arrive. */
export const TRACED_SERVICES: readonly string[] = ['flask-app', 'loadtester']

/** What is known from a scrape only. */
const SCRAPE_METRICS = new RegExp(`^${PREFIX}/(?:up|scrape_\\w+)$`)

/** The same types as they are by OTLP, where nothing is scraped, and what tells one target from another. */
export const EXPECTED_OTLP_TYPES: readonly ExpectedType[] = [
  ...EXPECTED_TYPES.filter(({ type }) => !SCRAPE_METRICS.test(type)).map((one) => ({ ...one, type: otlpType(one) })),
  { type: 'prometheus.googleapis.com/target_info/gauge', metricKind: 'GAUGE', valueType: 'DOUBLE' },
]

function otlpType({ type, metricKind, valueType }: ExpectedType): string {
  const name = type.replace(PREFIX, 'prometheus.googleapis.com')
  if (metricKind === 'GAUGE') return `${name}/gauge`
  return valueType === 'DISTRIBUTION' ? `${name}/histogram` : `${name}_total/counter`
}
