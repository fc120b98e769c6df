import type { MetricKind, ValueType } from './stored-types.ts'

/** A metric type that has to arrive, with its kind and value type. */
export interface ExpectedType {
  readonly type: string
  readonly metricKind: MetricKind
  readonly valueType: ValueType
  /** The type comes from `/proc`, so a machine without it never writes it. */
  readonly needsProc?: boolean
}

const prefix = 'external.googleapis.com/prometheus'
const proc = { needsProc: true } as const

function expected(name: string, metricKind: MetricKind, valueType: ValueType, extra: { needsProc?: true } = {}) {
  return { type: `${prefix}/${name}`, metricKind, valueType, ...extra } satisfies ExpectedType
}

/** The metric types that the pipeline is for: 14 of the two services, the process and its runtime, 4 of the scrape. */
export const expectedTypes: readonly ExpectedType[] = [
  expected('custom_metric_example', 'CUMULATIVE', 'DOUBLE'),
  expected('flask_app_hello_requests', 'CUMULATIVE', 'DOUBLE'),
  expected('flask_exporter_info', 'GAUGE', 'DOUBLE'),
  expected('flask_http_request', 'CUMULATIVE', 'DOUBLE'),
  expected('flask_http_request_duration_seconds', 'CUMULATIVE', 'DISTRIBUTION'),
  expected('process_cpu_seconds', 'CUMULATIVE', 'DOUBLE'),
  expected('process_max_fds', 'GAUGE', 'DOUBLE', proc),
  expected('process_open_fds', 'GAUGE', 'DOUBLE', proc),
  expected('process_resident_memory_bytes', 'GAUGE', 'DOUBLE', proc),
  expected('process_start_time_seconds', 'GAUGE', 'DOUBLE', proc),
  expected('process_virtual_memory_bytes', 'GAUGE', 'DOUBLE', proc),
  expected('python_gc_collections', 'CUMULATIVE', 'DOUBLE'),
  expected('python_gc_objects_collected', 'CUMULATIVE', 'DOUBLE'),
  expected('python_gc_objects_uncollectable', 'CUMULATIVE', 'DOUBLE'),
  expected('python_info', 'GAUGE', 'DOUBLE'),
  expected('scrape_duration_seconds', 'GAUGE', 'DOUBLE'),
  expected('scrape_samples_post_metric_relabeling', 'GAUGE', 'DOUBLE'),
  expected('scrape_samples_scraped', 'GAUGE', 'DOUBLE'),
  expected('up', 'GAUGE', 'DOUBLE'),
]

/** The services whose spans have to arrive. */
export const tracedServices: readonly string[] = ['flask-app', 'loadtester']
