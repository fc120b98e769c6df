import type { MetricKind, ValueType } from '../../contract/metrics.ts'
import type { LabelDescriptor, MetricDescriptor } from '../model/metric-descriptor.ts'

type Row = readonly [
  type: string,
  kind: MetricKind,
  valueType: ValueType,
  unit: string,
  /** Separated by spaces; those that are not strings have their type, such as `response_code:INT64`. */
  labels: string,
  displayName: string,
]

const DISK = 'instance_name device_name storage_type device_type'
const NETWORK = 'instance_name loadbalanced:BOOL'
const LOAD_BALANCER =
  'protocol response_code:INT64 response_code_class:INT64 proxy_continent cache_result client_country'
const RUN = 'response_code response_code_class route'
const API = 'protocol response_code response_code_class grpc_status_code'
const UPTIME = 'checker_location checked_resource_id check_id'

/**
 * The metrics of Google's services that dashboards and policies use most, from Google's list of metrics
 * (cloud.google.com/monitoring/api/metrics_gcp).
 */
const ROWS: readonly Row[] = [
  [
    'appengine.googleapis.com/http/server/response_count',
    'DELTA',
    'INT64',
    '1',
    'response_code:INT64 loading:BOOL',
    'Response count',
  ],
  [
    'appengine.googleapis.com/http/server/response_latencies',
    'DELTA',
    'DISTRIBUTION',
    'ms',
    'response_code:INT64 loading:BOOL',
    'Response latency',
  ],
  ['cloudfunctions.googleapis.com/function/active_instances', 'GAUGE', 'INT64', '1', '', 'Active instances'],
  ['cloudfunctions.googleapis.com/function/execution_count', 'DELTA', 'INT64', '1', 'status', 'Executions'],
  [
    'cloudfunctions.googleapis.com/function/execution_times',
    'DELTA',
    'DISTRIBUTION',
    'ns',
    'status',
    'Execution times',
  ],
  ['cloudfunctions.googleapis.com/function/user_memory_bytes', 'DELTA', 'DISTRIBUTION', 'By', '', 'Memory usage'],
  ['cloudsql.googleapis.com/database/cpu/utilization', 'GAUGE', 'DOUBLE', '10^2.%', '', 'CPU utilization'],
  ['cloudsql.googleapis.com/database/disk/utilization', 'GAUGE', 'DOUBLE', '10^2.%', '', 'Disk utilization'],
  ['cloudsql.googleapis.com/database/memory/utilization', 'GAUGE', 'DOUBLE', '10^2.%', '', 'Memory utilization'],
  ['cloudsql.googleapis.com/database/network/connections', 'GAUGE', 'INT64', '1', '', 'Cloud SQL Connections'],
  ['cloudsql.googleapis.com/database/up', 'GAUGE', 'INT64', '1', '', 'Server up'],
  ['compute.googleapis.com/instance/cpu/usage_time', 'DELTA', 'DOUBLE', 's{CPU}', 'instance_name', 'CPU usage'],
  ['compute.googleapis.com/instance/cpu/utilization', 'GAUGE', 'DOUBLE', '10^2.%', 'instance_name', 'CPU utilization'],
  ['compute.googleapis.com/instance/disk/read_bytes_count', 'DELTA', 'INT64', 'By', DISK, 'Disk read bytes'],
  ['compute.googleapis.com/instance/disk/read_ops_count', 'DELTA', 'INT64', '1', DISK, 'Disk read operations'],
  ['compute.googleapis.com/instance/disk/write_bytes_count', 'DELTA', 'INT64', 'By', DISK, 'Disk write bytes'],
  ['compute.googleapis.com/instance/disk/write_ops_count', 'DELTA', 'INT64', '1', DISK, 'Disk write operations'],
  ['compute.googleapis.com/instance/network/received_bytes_count', 'DELTA', 'INT64', 'By', NETWORK, 'Received bytes'],
  [
    'compute.googleapis.com/instance/network/received_packets_count',
    'DELTA',
    'INT64',
    '1',
    NETWORK,
    'Received packets',
  ],
  ['compute.googleapis.com/instance/network/sent_bytes_count', 'DELTA', 'INT64', 'By', NETWORK, 'Sent bytes'],
  ['compute.googleapis.com/instance/network/sent_packets_count', 'DELTA', 'INT64', '1', NETWORK, 'Sent packets'],
  ['compute.googleapis.com/instance/uptime', 'DELTA', 'DOUBLE', 's{uptime}', 'instance_name', 'Uptime'],
  ['kubernetes.io/container/cpu/core_usage_time', 'CUMULATIVE', 'DOUBLE', 's{CPU}', '', 'CPU usage time'],
  ['kubernetes.io/container/cpu/limit_cores', 'GAUGE', 'DOUBLE', '{cpu}', '', 'Limit cores'],
  ['kubernetes.io/container/cpu/limit_utilization', 'GAUGE', 'DOUBLE', '1', '', 'CPU limit utilization'],
  ['kubernetes.io/container/cpu/request_cores', 'GAUGE', 'DOUBLE', '{cpu}', '', 'Request cores'],
  ['kubernetes.io/container/cpu/request_utilization', 'GAUGE', 'DOUBLE', '1', '', 'CPU request utilization'],
  ['kubernetes.io/container/memory/limit_bytes', 'GAUGE', 'INT64', 'By', '', 'Memory limit'],
  [
    'kubernetes.io/container/memory/limit_utilization',
    'GAUGE',
    'DOUBLE',
    '1',
    'memory_type',
    'Memory limit utilization',
  ],
  ['kubernetes.io/container/memory/request_bytes', 'GAUGE', 'INT64', 'By', '', 'Memory request'],
  [
    'kubernetes.io/container/memory/request_utilization',
    'GAUGE',
    'DOUBLE',
    '1',
    'memory_type',
    'Memory request utilization',
  ],
  ['kubernetes.io/container/memory/used_bytes', 'GAUGE', 'INT64', 'By', 'memory_type', 'Memory usage'],
  ['kubernetes.io/container/restart_count', 'CUMULATIVE', 'INT64', '1', '', 'Restart count'],
  ['kubernetes.io/container/uptime', 'GAUGE', 'DOUBLE', 's', '', 'Uptime'],
  ['kubernetes.io/node/cpu/allocatable_utilization', 'GAUGE', 'DOUBLE', '1', '', 'CPU allocatable utilization'],
  ['kubernetes.io/node/cpu/core_usage_time', 'CUMULATIVE', 'DOUBLE', 's{CPU}', '', 'CPU usage time'],
  [
    'kubernetes.io/node/memory/allocatable_utilization',
    'GAUGE',
    'DOUBLE',
    '1',
    'memory_type component',
    'Memory allocatable utilization',
  ],
  ['kubernetes.io/node/memory/used_bytes', 'GAUGE', 'INT64', 'By', 'memory_type', 'Memory usage'],
  ['kubernetes.io/pod/network/received_bytes_count', 'CUMULATIVE', 'INT64', 'By', '', 'Bytes received'],
  ['kubernetes.io/pod/network/sent_bytes_count', 'CUMULATIVE', 'INT64', 'By', '', 'Bytes transmitted'],
  [
    'loadbalancing.googleapis.com/https/backend_latencies',
    'DELTA',
    'DISTRIBUTION',
    'ms',
    LOAD_BALANCER,
    'Backend latency',
  ],
  ['loadbalancing.googleapis.com/https/request_count', 'DELTA', 'INT64', '1', LOAD_BALANCER, 'Request count'],
  ['loadbalancing.googleapis.com/https/total_latencies', 'DELTA', 'DISTRIBUTION', 'ms', LOAD_BALANCER, 'Total latency'],
  ['logging.googleapis.com/byte_count', 'DELTA', 'INT64', 'By', 'log severity', 'Log bytes'],
  ['logging.googleapis.com/log_entry_count', 'DELTA', 'INT64', '1', 'log severity', 'Log entries'],
  ['monitoring.googleapis.com/uptime_check/check_passed', 'GAUGE', 'BOOL', '', UPTIME, 'Check passed'],
  ['monitoring.googleapis.com/uptime_check/request_latency', 'GAUGE', 'DOUBLE', 'ms', UPTIME, 'Request latency'],
  ['pubsub.googleapis.com/subscription/num_undelivered_messages', 'GAUGE', 'INT64', '1', '', 'Unacked messages'],
  [
    'pubsub.googleapis.com/subscription/oldest_unacked_message_age',
    'GAUGE',
    'INT64',
    's',
    '',
    'Oldest unacked message age',
  ],
  [
    'pubsub.googleapis.com/topic/send_request_count',
    'DELTA',
    'INT64',
    '1',
    'response_class response_code',
    'Publish requests',
  ],
  ['redis.googleapis.com/clients/connected', 'GAUGE', 'INT64', '1', 'role', 'Connected clients'],
  ['redis.googleapis.com/stats/memory/usage_ratio', 'GAUGE', 'DOUBLE', '10^2.%', 'role', 'Memory usage ratio'],
  [
    'run.googleapis.com/container/billable_instance_time',
    'DELTA',
    'DOUBLE',
    's',
    '',
    'Billable container instance time',
  ],
  ['run.googleapis.com/container/cpu/utilizations', 'DELTA', 'DISTRIBUTION', '10^2.%', '', 'Container CPU utilization'],
  ['run.googleapis.com/container/instance_count', 'GAUGE', 'INT64', '1', 'state', 'Instance count'],
  [
    'run.googleapis.com/container/memory/utilizations',
    'DELTA',
    'DISTRIBUTION',
    '10^2.%',
    '',
    'Container memory utilization',
  ],
  ['run.googleapis.com/request_count', 'DELTA', 'INT64', '1', RUN, 'Request count'],
  ['run.googleapis.com/request_latencies', 'DELTA', 'DISTRIBUTION', 'ms', RUN, 'Request latency'],
  ['serviceruntime.googleapis.com/api/request_count', 'DELTA', 'INT64', '1', API, 'Request count'],
  ['serviceruntime.googleapis.com/api/request_latencies', 'DELTA', 'DISTRIBUTION', 's', '', 'Request latencies'],
  ['storage.googleapis.com/api/request_count', 'DELTA', 'INT64', '1', 'response_code method', 'Request count'],
  ['storage.googleapis.com/storage/total_bytes', 'GAUGE', 'DOUBLE', 'By', 'storage_class', 'Total bytes'],
]

const GENERAL_AVAILABILITY = 4
const BY_TYPE = new Map(ROWS.map((row) => [row[0], descriptorOf(row)]))

/**
 * The descriptor of one of Google's own metrics; undefined if it is not listed here: it is then created from the first
 * series.
 */
export function googleMetric(type: string): MetricDescriptor | undefined {
  return BY_TYPE.get(type)
}

function descriptorOf([type, metricKind, valueType, unit, labels, displayName]: Row): MetricDescriptor {
  return {
    type,
    metricKind,
    valueType,
    unit,
    labels: labels === '' ? [] : labels.split(' ').map(labelOf),
    displayName,
    description: '',
    launchStage: GENERAL_AVAILABILITY,
    metadata: null,
  }
}

function labelOf(text: string): LabelDescriptor {
  const [key = '', valueType] = text.split(':')
  return { key, valueType: valueType === 'BOOL' || valueType === 'INT64' ? valueType : 'STRING', description: '' }
}
