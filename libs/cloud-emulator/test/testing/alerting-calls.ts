import { ResourceIds } from '../../src/alerting/resources/resource-ids.ts'
import { timestamp } from './time-series.ts'

type Json = Record<string, unknown>

type AlertingCall = [method: string, request: Json, expected: RegExp | string]

const NAME = 'projects/demo-project'
const idOf = (kind: string): string => new ResourceIds(kind).next()
const CHANNEL = `${NAME}/notificationChannels/${idOf('notificationChannels')}`
const DESCRIPTORS = `${NAME}/notificationChannelDescriptors`
const CODE = `G-${idOf('verificationCodes').slice(-6)}`
const SNOOZE = `${NAME}/snoozes/${idOf('snoozes')}`
const GROUP = `${NAME}/groups/${idOf('groups')}`
const POLICY = `${NAME}/alertPolicies/${idOf('alertPolicies')}`

/** A policy on a metric that need not exist. */
export function policyJson(changes: Json = {}, threshold: Json = {}): Json {
  return {
    displayName: 'too high',
    combiner: 'OR',
    conditions: [
      {
        displayName: 'above one',
        conditionThreshold: {
          filter: 'metric.type = "custom.googleapis.com/level" resource.type = "global"',
          aggregations: [{ alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_MEAN' }],
          comparison: 'COMPARISON_GT',
          thresholdValue: 1,
          duration: '60s',
          ...threshold,
        },
      },
    ],
    ...changes,
  }
}

/**
 * Calls of the alerting services in order, each with what the response must contain in its JSON, or with its status.
 */
export const alertingCalls: readonly AlertingCall[] = [
  ['CreateAlertPolicy', { name: NAME, alertPolicy: policyJson() }, /"enabled":true/],
  ['CreateAlertPolicy', { name: NAME, alertPolicy: policyJson({ displayName: '' }) }, 'INVALID_ARGUMENT'],
  ['ListAlertPolicies', { name: NAME, filter: 'display_name = "too high"' }, /"totalSize":1/],
  ['ListAlertPolicies', { name: NAME, filter: 'colour = "red"' }, 'INVALID_ARGUMENT'],
  ['GetAlertPolicy', { name: POLICY }, /"displayName":"too high"/],
  ['GetAlertPolicy', { name: `${NAME}/alertPolicies/0` }, 'NOT_FOUND'],
  [
    'UpdateAlertPolicy',
    { alertPolicy: { name: POLICY, displayName: 'new' }, updateMask: 'displayName' },
    /"displayName":"new"/,
  ],
  ['UpdateAlertPolicy', { alertPolicy: { name: POLICY }, updateMask: 'colour' }, 'INVALID_ARGUMENT'],
  ...snoozeCalls(),
  ['DeleteAlertPolicy', { name: POLICY }, /^\{\}$/],
  ['DeleteAlertPolicy', { name: POLICY }, 'NOT_FOUND'],
  ['ListAlerts', { parent: NAME, orderBy: '-open_time' }, /^\{\}$/],
  ['ListAlerts', { parent: NAME, orderBy: 'colour' }, 'INVALID_ARGUMENT'],
  ['GetAlert', { name: `${NAME}/alerts/0.x` }, 'NOT_FOUND'],
  ...channelCalls(),
  ...groupCalls(),
  ...uptimeCalls(),
  ...serviceCalls(),
]

function uptimeCalls(): AlertingCall[] {
  const uptimeCheckConfig = {
    displayName: 'Up',
    monitoredResource: { type: 'uptime_url', labels: { host: 'example.invalid' } },
    httpCheck: { path: 'healthz', authInfo: { username: 'me', password: 'secret' } },
    timeout: '10s',
  }
  const name = `${NAME}/uptimeCheckConfigs/up-${idOf('uptimeCheckConfigs').slice(-11)}`
  return [
    ['CreateUptimeCheckConfig', { parent: NAME, uptimeCheckConfig }, /"password":"\*{6}"/],
    ['CreateUptimeCheckConfig', { parent: NAME, uptimeCheckConfig: { displayName: 'x' } }, 'INVALID_ARGUMENT'],
    ['ListUptimeCheckConfigs', { parent: NAME }, /"totalSize":1/],
    ['ListUptimeCheckConfigs', { parent: NAME, filter: 'colour = "red"' }, 'INVALID_ARGUMENT'],
    ['GetUptimeCheckConfig', { name }, /"path":"\/healthz"/],
    ['GetUptimeCheckConfig', { name: `${NAME}/uptimeCheckConfigs/x` }, 'NOT_FOUND'],
    [
      'UpdateUptimeCheckConfig',
      { uptimeCheckConfig: { name, displayName: 'new' }, updateMask: 'displayName' },
      /"new"/,
    ],
    ['UpdateUptimeCheckConfig', { uptimeCheckConfig: { name }, updateMask: 'colour' }, 'INVALID_ARGUMENT'],
    ['ListUptimeCheckIps', { pageToken: 'x' }, 'INVALID_ARGUMENT'],
    ['ListUptimeCheckIps', {}, /"ipAddress":"127\.0\.0\.1"/],
    ['DeleteUptimeCheckConfig', { name }, /^\{\}$/],
    ['DeleteUptimeCheckConfig', { name }, 'NOT_FOUND'],
  ]
}

/** A request-based objective on a counter by status. */
export function sloJson(changes: Json = {}): Json {
  const filter = 'metric.type = "custom.googleapis.com/requests" resource.type = "global"'
  return {
    displayName: 'most succeed',
    goal: 0.9,
    rollingPeriod: '86400s',
    serviceLevelIndicator: {
      requestBased: {
        goodTotalRatio: { goodServiceFilter: `${filter} metric.labels.status = "200"`, totalServiceFilter: filter },
      },
    },
    ...changes,
  }
}

function serviceCalls(): AlertingCall[] {
  const service = { displayName: 'shop', custom: {} }
  const name = `${NAME}/services/shop`
  const slo = `${name}/serviceLevelObjectives/most`
  const body = { parent: name, serviceLevelObjectiveId: 'most', serviceLevelObjective: sloJson() }
  return [
    ['CreateService', { parent: NAME, serviceId: 'shop', service }, /"custom":\{\}/],
    ['CreateService', { parent: NAME, serviceId: 'shop', service }, 'ALREADY_EXISTS'],
    ['ListServices', { parent: NAME, filter: 'display_name = "shop"' }, /"displayName":"shop"/],
    ['ListServices', { parent: NAME, filter: 'colour = "red"' }, 'INVALID_ARGUMENT'],
    ['GetService', { name }, /"displayName":"shop"/],
    ['GetService', { name: `${NAME}/services/x` }, 'NOT_FOUND'],
    ['UpdateService', { service: { name, displayName: 'new' }, updateMask: 'displayName' }, /"displayName":"new"/],
    ['UpdateService', { service: { name }, updateMask: 'colour' }, 'INVALID_ARGUMENT'],
    ['CreateServiceLevelObjective', body, /"goal":0\.9/],
    ['CreateServiceLevelObjective', { ...body, serviceLevelObjective: sloJson({ goal: 1 }) }, 'INVALID_ARGUMENT'],
    ['ListServiceLevelObjectives', { parent: `${NAME}/services/-` }, /"displayName":"most succeed"/],
    ['ListServiceLevelObjectives', { parent: `${NAME}/services/x` }, 'NOT_FOUND'],
    ['GetServiceLevelObjective', { name: slo, view: 'FULL' }, /"rollingPeriod":"86400s"/],
    ['GetServiceLevelObjective', { name: `${name}/serviceLevelObjectives/x` }, 'NOT_FOUND'],
    [
      'UpdateServiceLevelObjective',
      { serviceLevelObjective: { name: slo, goal: 0.5 }, updateMask: 'goal' },
      /"goal":0\.5/,
    ],
    [
      'UpdateServiceLevelObjective',
      { serviceLevelObjective: { name: slo, goal: 2 }, updateMask: 'goal' },
      'INVALID_ARGUMENT',
    ],
    ['DeleteServiceLevelObjective', { name: slo }, /^\{\}$/],
    ['DeleteServiceLevelObjective', { name: slo }, 'NOT_FOUND'],
    ['DeleteService', { name }, /^\{\}$/],
    ['DeleteService', { name }, 'NOT_FOUND'],
  ]
}

function snoozeCalls(): AlertingCall[] {
  const interval = { startTime: timestamp(0), endTime: timestamp(600) }
  const snooze = { displayName: 'quiet', criteria: { policies: [POLICY] }, interval }
  return [
    ['CreateSnooze', { parent: NAME, snooze }, /"displayName":"quiet"/],
    ['CreateSnooze', { parent: NAME, snooze: { ...snooze, criteria: {} } }, 'INVALID_ARGUMENT'],
    ['ListSnoozes', { parent: NAME, filter: `interval.end_time > "${timestamp(60)}"` }, /"displayName":"quiet"/],
    ['ListSnoozes', { parent: NAME, filter: 'colour = "red"' }, 'INVALID_ARGUMENT'],
    ['GetSnooze', { name: SNOOZE }, /"displayName":"quiet"/],
    ['GetSnooze', { name: `${NAME}/snoozes/0` }, 'NOT_FOUND'],
    [
      'UpdateSnooze',
      { snooze: { name: SNOOZE, displayName: 'new' }, updateMask: 'displayName' },
      /"displayName":"new"/,
    ],
    ['UpdateSnooze', { snooze: { name: SNOOZE }, updateMask: 'criteria' }, 'INVALID_ARGUMENT'],
  ]
}

function channelCalls(): AlertingCall[] {
  const notificationChannel = { type: 'sms', displayName: 'phone', labels: { number: '+49 1234567' } }
  return [
    ['ListNotificationChannelDescriptors', { name: NAME, pageSize: 2 }, /"type":"google_chat"/],
    ['ListNotificationChannelDescriptors', { name: NAME, pageToken: 'x' }, 'INVALID_ARGUMENT'],
    ['GetNotificationChannelDescriptor', { name: `${DESCRIPTORS}/slack` }, /"key":"auth_token"/],
    ['GetNotificationChannelDescriptor', { name: `${DESCRIPTORS}/pigeon` }, 'NOT_FOUND'],
    ['CreateNotificationChannel', { name: NAME, notificationChannel }, /"verificationStatus":"UNVERIFIED"/],
    ['CreateNotificationChannel', { name: NAME, notificationChannel: { type: 'pigeon' } }, 'INVALID_ARGUMENT'],
    ['ListNotificationChannels', { name: NAME, filter: 'type = "sms"', orderBy: 'display_name' }, /"totalSize":1/],
    ['ListNotificationChannels', { name: NAME, filter: 'colour = "red"' }, 'INVALID_ARGUMENT'],
    ['GetNotificationChannel', { name: CHANNEL }, /"displayName":"phone"/],
    ['GetNotificationChannel', { name: `${NAME}/notificationChannels/0` }, 'NOT_FOUND'],
    [
      'UpdateNotificationChannel',
      { notificationChannel: { name: CHANNEL, enabled: false }, updateMask: 'enabled' },
      /"enabled":false/,
    ],
    ['UpdateNotificationChannel', { notificationChannel: { name: CHANNEL }, updateMask: 'type' }, 'INVALID_ARGUMENT'],
    ['GetNotificationChannelVerificationCode', { name: CHANNEL }, 'FAILED_PRECONDITION'],
    ['SendNotificationChannelVerificationCode', { name: CHANNEL }, /^\{\}$/],
    ['SendNotificationChannelVerificationCode', { name: `${NAME}/notificationChannels/0` }, 'NOT_FOUND'],
    ['VerifyNotificationChannel', { name: CHANNEL, code: 'G-0' }, 'INVALID_ARGUMENT'],
    ['VerifyNotificationChannel', { name: CHANNEL, code: CODE }, /"verificationStatus":"VERIFIED"/],
    ['GetNotificationChannelVerificationCode', { name: CHANNEL, expireTime: timestamp(60) }, /"expireTime"/],
    ['DeleteNotificationChannel', { name: CHANNEL }, /^\{\}$/],
    ['DeleteNotificationChannel', { name: CHANNEL }, 'NOT_FOUND'],
  ]
}

function groupCalls(): AlertingCall[] {
  const group = { displayName: 'all', filter: 'resource.type = "global"' }
  return [
    ['CreateGroup', { name: NAME, group }, /"displayName":"all"/],
    ['CreateGroup', { name: NAME, group: { ...group, parentName: `${NAME}/groups/0` } }, 'INVALID_ARGUMENT'],
    ['CreateGroup', { name: NAME, group: { ...group, parentName: GROUP }, validateOnly: true }, /"parentName"/],
    ['ListGroups', { name: NAME, pageSize: 5 }, /"displayName":"all"/],
    ['ListGroups', { name: NAME, pageToken: 'x' }, 'INVALID_ARGUMENT'],
    ['GetGroup', { name: GROUP }, /"filter"/],
    ['GetGroup', { name: `${NAME}/groups/0` }, 'NOT_FOUND'],
    ['UpdateGroup', { group: { ...group, name: GROUP, displayName: 'new' } }, /"displayName":"new"/],
    ['UpdateGroup', { group: { ...group, name: GROUP, filter: '(' } }, 'INVALID_ARGUMENT'],
    ['ListGroupMembers', { name: GROUP }, /"totalSize":1/],
    ['ListGroupMembers', { name: GROUP, filter: '(' }, 'INVALID_ARGUMENT'],
    ['DeleteGroup', { name: GROUP, recursive: true }, /^\{\}$/],
    ['DeleteGroup', { name: GROUP }, 'NOT_FOUND'],
  ]
}
