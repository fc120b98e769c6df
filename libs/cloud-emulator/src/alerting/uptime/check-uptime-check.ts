import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { invalidField, RpcError } from '../../api/rpc-error.ts'
import { FilterError } from '../../monitoring/filter/filter-error.ts'
import { fullMatch } from '../../monitoring/filter/full-match.ts'
import { timestampToMicros } from '../../protos/timestamp.ts'
import { checkUserLabels } from '../resources/user-labels.ts'
import { locationsOf } from './checker-locations.ts'
import { parseJsonPath } from './json-path.ts'
import {
  CHECKERS,
  CONTENT_TYPES,
  type ContentMatcherMessage,
  type HttpCheckMessage,
  JSON_MATCHERS,
  MATCHERS,
  METHODS,
  type TcpCheckMessage,
  type UptimeCheckMessage,
} from './uptime-check.ts'

const FIELD = 'uptime_check_config'
const MAX_NAME = 512
const PERIODS = [60, 300, 600, 900]
const MAX_TIMEOUT = 60
const MAX_HEADERS = 100
const MAX_BODY = 1024 * 1024
const MAX_CONTENT = 1024
const MAX_PINGS = 3
const MIN_LOCATIONS = 3
const GROUP_ID = /^[^/]{1,100}$/
/** INSTANCE and AWS_ELB_LOAD_BALANCER of `GroupResourceType`. */
const GROUP_RESOURCE_TYPES = [1, 2]
const RESOURCE_TYPES = [
  'uptime_url',
  'gce_instance',
  'gae_app',
  'aws_ec2_instance',
  'aws_elb_load_balancer',
  'k8s_service',
  'servicedirectory_service',
  'cloud_run_revision',
]

/**
 * Throws INVALID_ARGUMENT with the path of the field if a check breaks a rule, UNIMPLEMENTED for features that are not
 * implemented.
 */
export function checkUptimeCheck(check: UptimeCheckMessage): void {
  if (check.displayName === '' || [...check.displayName].length > MAX_NAME)
    throw invalidField(`${FIELD}.display_name`, check.displayName, `From 1 to ${MAX_NAME} characters are required.`)
  checkUserLabels(check.userLabels, `${FIELD}.user_labels`)
  checkTarget(check)
  if (check.isInternal || check.internalCheckers.length > 0 || check.checkerType === CHECKERS.VPC_CHECKERS)
    throw new RpcError(
      'UNIMPLEMENTED',
      'Checks of private networks are not implemented by this emulator: it checks from this machine.',
    )
  const period = check.period ? timestampToMicros(check.period) / 1e6 : PERIODS[0]
  if (!PERIODS.includes(period ?? 0))
    throw invalidField(`${FIELD}.period`, `${period}s`, `${PERIODS.map((one) => `${one}s`).join(', ')} are supported.`)
  const timeout = check.timeout ? timestampToMicros(check.timeout) / 1e6 : 0
  if (timeout < 1 || timeout > MAX_TIMEOUT)
    throw invalidField(`${FIELD}.timeout`, `${timeout}s`, `It is required, from 1 to ${MAX_TIMEOUT} seconds.`)
  if (check.httpCheck) checkHttp(check.httpCheck, `${FIELD}.http_check`)
  if (check.tcpCheck) checkTcp(check.tcpCheck, `${FIELD}.tcp_check`)
  for (const [index, matcher] of check.contentMatchers.slice(0, 1).entries())
    checkMatcher(matcher, `${FIELD}.content_matchers[${index}]`, check)
  const locations = locationsOf(check.selectedRegions)
  if (locations.length < MIN_LOCATIONS)
    throw invalidField(
      `${FIELD}.selected_regions`,
      undefined,
      `These regions have ${locations.length} ${plural(locations.length, 'location')}; at least ${MIN_LOCATIONS} are required.`,
    )
}

function checkTarget({ resource, monitoredResource, resourceGroup, checkRequestType }: UptimeCheckMessage): void {
  if (resource === undefined)
    throw invalidField(`${FIELD}.resource`, undefined, 'monitored_resource or resource_group is required.')
  if (resource === 'syntheticMonitor')
    throw new RpcError(
      'UNIMPLEMENTED',
      'Synthetic monitors are not implemented by this emulator: use http_check or tcp_check.',
    )
  if (checkRequestType === undefined)
    throw invalidField(`${FIELD}.check_request_type`, undefined, 'http_check or tcp_check is required.')
  if (resourceGroup) checkGroup(resourceGroup)
  if (!monitoredResource) return
  const { type, labels } = monitoredResource
  if (!RESOURCE_TYPES.includes(type))
    throw invalidField(`${FIELD}.monitored_resource.type`, type, `${RESOURCE_TYPES.join(', ')} are allowed.`)
  if (type === 'uptime_url' && !/^[A-Za-z0-9_.:[\]-]{1,253}$/.test(labels.host ?? ''))
    throw invalidField(
      `${FIELD}.monitored_resource.labels["host"]`,
      labels.host ?? '',
      'A host name or IP address without scheme and port is required.',
    )
}

function checkGroup({ groupId, resourceType }: { groupId: string; resourceType: number }): void {
  const field = `${FIELD}.resource_group`
  if (!GROUP_ID.test(groupId))
    throw invalidField(`${field}.group_id`, groupId, 'Only the ID of the group is required, not its full name.')
  if (!GROUP_RESOURCE_TYPES.includes(resourceType))
    throw invalidField(
      `${field}.resource_type`,
      resourceType === 0 ? 'RESOURCE_TYPE_UNSPECIFIED' : String(resourceType),
      'INSTANCE and AWS_ELB_LOAD_BALANCER are supported.',
    )
}

function checkHttp(http: HttpCheckMessage, field: string): void {
  checkPort(http.port, `${field}.port`, 0)
  checkPings(http.pingConfig, field)
  if (http.authInfo && http.authMethod)
    throw invalidField(`${field}.auth_info`, undefined, 'It must not be set together with auth_method.')
  const names = Object.keys(http.headers).map((name) => name.toLowerCase())
  if (names.length > MAX_HEADERS)
    throw invalidField(`${field}.headers`, undefined, `It has ${names.length}; at most ${MAX_HEADERS} are allowed.`)
  for (const [name, value] of Object.entries(http.headers))
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || /[\r\n\0]/.test(value))
      throw invalidField(`${field}.headers["${name}"]`, value, 'It is not an HTTP header.')
  const isPost = http.requestMethod === METHODS.POST
  if (http.requestMethod < 0 || http.requestMethod > METHODS.POST)
    throw invalidField(`${field}.request_method`, String(http.requestMethod), 'GET and POST are allowed.')
  if (!isPost && http.contentType !== CONTENT_TYPES.TYPE_UNSPECIFIED)
    throw invalidField(`${field}.content_type`, undefined, 'It can only be specified with POST.')
  if (!isPost && http.body.length > 0)
    throw invalidField(`${field}.body`, undefined, 'It can only be specified with POST.')
  if (isPost && http.contentType === CONTENT_TYPES.TYPE_UNSPECIFIED)
    throw invalidField(`${field}.content_type`, 'TYPE_UNSPECIFIED', 'It is required with POST.')
  if (names.includes('content-type') && http.contentType !== CONTENT_TYPES.TYPE_UNSPECIFIED)
    throw invalidField(`${field}.headers["Content-Type"]`, undefined, 'Use content_type instead.')
  if ((http.contentType === CONTENT_TYPES.USER_PROVIDED) !== (http.customContentType !== ''))
    throw invalidField(
      `${field}.custom_content_type`,
      http.customContentType,
      'It is required with the content_type USER_PROVIDED, and not allowed otherwise.',
    )
  if (http.body.length > MAX_BODY)
    throw invalidField(`${field}.body`, undefined, `It has ${http.body.length} bytes; at most ${MAX_BODY} are allowed.`)
}

function checkTcp({ port, pingConfig }: TcpCheckMessage, field: string): void {
  checkPort(port, `${field}.port`, 1)
  checkPings(pingConfig, field)
}

function checkPort(port: number, field: string, least: number): void {
  if (port < least || port > 65_535) throw invalidField(field, String(port), 'A port from 1 to 65535 is allowed.')
}

function checkPings(config: { pingsCount: number } | null | undefined, field: string): void {
  if (config && (config.pingsCount < 0 || config.pingsCount > MAX_PINGS))
    throw invalidField(
      `${field}.ping_config.pings_count`,
      String(config.pingsCount),
      `At most ${MAX_PINGS} are allowed.`,
    )
}

function checkMatcher(
  { content, matcher, jsonPathMatcher }: ContentMatcherMessage,
  field: string,
  check: UptimeCheckMessage,
): void {
  const kind = MATCHERS[matcher]
  if (kind === undefined) throw invalidField(`${field}.matcher`, String(matcher), 'Unknown matcher.')
  if (Buffer.byteLength(content) > MAX_CONTENT)
    throw invalidField(`${field}.content`, undefined, `At most ${MAX_CONTENT} bytes are allowed.`)
  if (check.tcpCheck && !kind.endsWith('CONTAINS_STRING'))
    throw invalidField(`${field}.matcher`, kind, 'TCP checks only support CONTAINS_STRING and NOT_CONTAINS_STRING.')
  if (kind.endsWith('JSON_PATH')) {
    const { jsonPath = '', jsonMatcher = 0 } = jsonPathMatcher ?? {}
    if (!parseJsonPath(jsonPath))
      throw invalidField(
        `${field}.json_path_matcher.json_path`,
        jsonPath,
        'Paths of names and indices are supported, such as $.status or $.items[0].name.',
      )
    if (jsonMatcher !== JSON_MATCHERS.EXACT_MATCH && jsonMatcher !== JSON_MATCHERS.REGEX_MATCH)
      throw invalidField(
        `${field}.json_path_matcher.json_matcher`,
        String(jsonMatcher),
        'EXACT_MATCH and REGEX_MATCH are allowed.',
      )
    if (jsonMatcher === JSON_MATCHERS.REGEX_MATCH) checkRegex(content, `${field}.content`)
  } else if (kind.endsWith('REGEX')) checkRegex(content, `${field}.content`)
}

function checkRegex(pattern: string, field: string): void {
  try {
    fullMatch(pattern, 0)
  } catch (error) {
    if (error instanceof FilterError) throw invalidField(field, pattern, `${error.message}.`)
    throw error
  }
}
