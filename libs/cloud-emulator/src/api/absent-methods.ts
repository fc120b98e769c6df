import { RpcError } from './rpc-error.ts'
import { shortened } from './shortened.ts'

interface Absent {
  readonly service: RegExp
  readonly path: RegExp
  /** What is missing, with its verb. */
  readonly what: string
  readonly instead: string
}

/** Matches nothing. */
const NONE = /(?!)/

/** Google's APIs that this emulator lacks: for gRPC by service or method, for REST by path. */
const ABSENT: readonly Absent[] = [
  {
    service: /^google\.monitoring\.v3\.QueryService\//,
    path: /^\/v3\/projects\/[^/]+\/timeSeries:query$/,
    what: 'MQL (timeSeries:query) is',
    instead: 'read with ListTimeSeries (GET /v3/projects/P/timeSeries); Google has ended support for MQL',
  },
  {
    service: /^google\.monitoring\.prometheus\./,
    path: /^\/v1\/projects\/[^/]+\/location\/[^/]+\/prometheus(?:\/|$)/,
    what: "This part of Prometheus' API is",
    instead: '…/prometheus/api/v1/ has query, query_range, series, labels, label/NAME/values and metadata',
  },
  {
    service: /^google\.devtools\.cloudtrace\.v2beta\d\//,
    path: /^\/v2beta\d\/projects\/[^/]+\/traceSinks(?:\/|$)/,
    what: 'Trace sinks are',
    instead: 'read traces with GET /v1/projects/P/traces (ListTraces)',
  },
  {
    service: /^google\.devtools\.clouderrorreporting\./,
    path: /^\/v1beta\d\/projects\/[^/]+\/(?:events|groups|groupStats)(?:[/:]|$)/,
    what: 'Error Reporting is',
    instead: 'write errors as log entries, and read them with the filter severity>=ERROR',
  },
  {
    service: /^google\.monitoring\.metricsscope\./,
    path: /^\/v1\/(?:locations\/[^/]+\/metricsScopes|operations)(?:[/:]|$)/,
    what: 'Metrics scopes are',
    instead: 'a project here has only its own metrics; read each project by its own name',
  },
  {
    service: /^google\.logging\.v2\.(?:ConfigService|MetricsService)V2\//,
    path: /^\/v2\/(?:[^/]+\/[^/]+\/(?:sinks|metrics|exclusions|locations|settings|cmekSettings))(?:[/:]|$)/,
    what: 'Sinks, exclusions, buckets and log-based metrics are',
    instead: 'entries are written and read with LoggingServiceV2 (/v2/entries:write and :list), and kept in memory',
  },
  {
    service: NONE,
    path: /^\/batch(?:\/|$)/,
    what: 'Batches of REST calls are',
    instead: 'make each call separately',
  },
  {
    service: NONE,
    path: /^\/(?:\$discovery|discovery)\//,
    what: 'Discovery documents are',
    instead: "clients contain them or get them from Google; set this emulator's address as their endpoint",
  },
  {
    service: /^grpc\.(?:reflection|health)\./,
    path: NONE,
    what: 'gRPC reflection and health checking are',
    instead: "use Google's definitions, and GET /healthz on the HTTP port",
  },
]

const SERVED =
  'it serves Cloud Monitoring v3 (metrics, descriptors, time series, and all of alerting), Dashboards v1, Cloud Trace v1 and v2, Cloud Logging v2, and OTLP'

/** UNIMPLEMENTED for a gRPC path such as `/google.monitoring.v3.GroupService/ListGroups`, with an alternative. */
export function absentRpc(path: string): RpcError {
  const method = path.replace(/^\//, '')
  const absent = ABSENT.find(({ service }) => service.test(method))
  return unimplemented(shortened(method.replace('/', '.')), absent)
}

/** UNIMPLEMENTED for a REST path without a method, with an alternative. */
export function absentRest(method: string, path: string): RpcError {
  const absent = ABSENT.find((one) => one.path.test(path))
  return unimplemented(shortened(`${method} ${path}`), absent)
}

/** Whether a path belongs to Google's APIs: it begins with a version, such as `/v2beta1/`, or concerns all of them. */
export function isApiPath(path: string): boolean {
  return /^\/(?:v\d\w*\/|batch(?:\/|$)|\$?discovery\/)/.test(path)
}

function unimplemented(method: string, absent: Absent | undefined): RpcError {
  return new RpcError(
    'UNIMPLEMENTED',
    absent
      ? `${absent.what} not implemented by this emulator: ${absent.instead}.`
      : `This emulator has no method ${method}: ${SERVED}.`,
  )
}
