import { ResourceIds } from '../../src/alerting/resources/resource-ids.ts'

type Json = Record<string, unknown>

const NAME = 'projects/demo-project'
const POLICY = `${NAME}/alertPolicies/${new ResourceIds('alertPolicies').next()}`

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

/** Calls of the services of alerting in order, each with what the answer must contain in its JSON, or with its status. */
export const alertingCalls: readonly [method: string, request: Json, expected: RegExp | string][] = [
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
  ['DeleteAlertPolicy', { name: POLICY }, /^\{\}$/],
  ['DeleteAlertPolicy', { name: POLICY }, 'NOT_FOUND'],
  ['ListAlerts', { parent: NAME, orderBy: '-open_time' }, /^\{\}$/],
  ['ListAlerts', { parent: NAME, orderBy: 'colour' }, 'INVALID_ARGUMENT'],
  ['GetAlert', { name: `${NAME}/alerts/0.x` }, 'NOT_FOUND'],
]
