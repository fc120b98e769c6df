import { messageCodec } from '../../protos/registry.ts'
import type { TimestampMessage } from '../../protos/timestamp.ts'

/** `google.monitoring.v3.UptimeCheckConfig`. */
export interface UptimeCheckMessage {
  name: string
  displayName: string
  resource?: 'monitoredResource' | 'resourceGroup' | 'syntheticMonitor'
  monitoredResource?: { type: string; labels: Record<string, string> } | null
  resourceGroup?: { groupId: string; resourceType: number } | null
  checkRequestType?: 'httpCheck' | 'tcpCheck'
  httpCheck?: HttpCheckMessage | null
  tcpCheck?: TcpCheckMessage | null
  period?: TimestampMessage | null
  timeout?: TimestampMessage | null
  contentMatchers: ContentMatcherMessage[]
  checkerType: number
  selectedRegions: number[]
  isInternal: boolean
  internalCheckers: object[]
  userLabels: Record<string, string>
}

export interface HttpCheckMessage {
  requestMethod: number
  useSsl: boolean
  path: string
  port: number
  authInfo?: { username: string; password: string } | null
  maskHeaders: boolean
  headers: Record<string, string>
  contentType: number
  customContentType: string
  validateSsl: boolean
  body: Uint8Array
  acceptedResponseStatusCodes: StatusCodeMessage[]
  pingConfig?: { pingsCount: number } | null
  authMethod?: 'serviceAgentAuthentication'
  serviceAgentAuthentication?: { type: number } | null
}

export interface StatusCodeMessage {
  statusCode?: 'statusValue' | 'statusClass'
  statusValue?: number
  statusClass?: number
}

export interface TcpCheckMessage {
  port: number
  pingConfig?: { pingsCount: number } | null
}

export interface ContentMatcherMessage {
  content: string
  /** The number of `ContentMatcherOption`. */
  matcher: number
  jsonPathMatcher?: { jsonPath: string; jsonMatcher: number } | null
}

/** `HttpCheck.RequestMethod` by name. */
export const METHODS = { METHOD_UNSPECIFIED: 0, GET: 1, POST: 2 } as const
/** `HttpCheck.ContentType` by name. */
export const CONTENT_TYPES = { TYPE_UNSPECIFIED: 0, URL_ENCODED: 1, USER_PROVIDED: 2 } as const
/** `UptimeCheckConfig.CheckerType` by name. */
export const CHECKERS = { CHECKER_TYPE_UNSPECIFIED: 0, STATIC_IP_CHECKERS: 1, VPC_CHECKERS: 3 } as const
/** `ContentMatcherOption` by number. */
export const MATCHERS = [
  'CONTAINS_STRING',
  'CONTAINS_STRING',
  'NOT_CONTAINS_STRING',
  'MATCHES_REGEX',
  'NOT_MATCHES_REGEX',
  'MATCHES_JSON_PATH',
  'NOT_MATCHES_JSON_PATH',
] as const
/** `JsonPathMatcherOption` by name. */
export const JSON_MATCHERS = { EXACT_MATCH: 1, REGEX_MATCH: 2 } as const

export const uptimeCheckCodec = messageCodec<UptimeCheckMessage>('google.monitoring.v3.UptimeCheckConfig')

/** A copy with some fields replaced, in the form of decoded messages. */
export function copyUptimeCheck(check: UptimeCheckMessage, changes: Partial<UptimeCheckMessage>): UptimeCheckMessage {
  const copy = uptimeCheckCodec.type.create({ ...check, ...changes }) as object as UptimeCheckMessage
  return uptimeCheckCodec.decode(uptimeCheckCodec.encode(copy))
}
