import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AlertPolicy, IncidentView } from '../../../../../contract/alerting.ts'
import { chartOfPolicy } from './alert-chart.ts'
import { isListed } from './incident-list.ts'

describe('the chart of a policy', () => {
  const aggregation = { alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_MEAN' }
  const cases: [what: string, condition: NonNullable<AlertPolicy['conditions']>[number], chart: unknown][] = [
    [
      'a threshold',
      { conditionThreshold: { filter: 'a', aggregations: [aggregation], thresholdValue: 3 } },
      {
        dataSets: [{ plotType: 'LINE', timeSeriesQuery: { timeSeriesFilter: { filter: 'a', aggregation } } }],
        thresholds: [{ value: 3, label: 'Threshold' }],
      },
    ],
    [
      'a ratio',
      { conditionThreshold: { filter: 'a', denominatorFilter: 'b', denominatorAggregations: [aggregation] } },
      {
        dataSets: [
          {
            plotType: 'LINE',
            timeSeriesQuery: {
              timeSeriesFilterRatio: { numerator: { filter: 'a' }, denominator: { filter: 'b', aggregation } },
            },
          },
        ],
        thresholds: [{ value: 0, label: 'Threshold' }],
      },
    ],
    [
      'absence',
      { conditionAbsent: { filter: 'a' } },
      { dataSets: [{ plotType: 'LINE', timeSeriesQuery: { timeSeriesFilter: { filter: 'a' } } }] },
    ],
    ['a burn rate', { conditionThreshold: { filter: 'select_slo_burn_rate("x", "1h")' } }, undefined],
  ]
  for (const [what, condition, chart] of cases)
    test(what, () => assert.deepEqual(chartOfPolicy({ conditions: [condition] }), chart))
})

describe('a list of incidents', () => {
  const incident: IncidentView = {
    id: '0.a',
    policy: 'projects/p/alertPolicies/1',
    policyName: 'n',
    conditionName: 'c',
    severity: '',
    openedMs: 0,
    summary: '',
    value: 1,
    unit: '1',
    metricType: 'm',
    metricLabels: {},
    resourceType: 'k8s_container',
    resourceLabels: { pod_name: 'x' },
  }
  for (const [what, list, listed] of [
    ['of everything', {}, true],
    ['of its policy', { policyNames: [incident.policy] }, true],
    ['of another policy', { policyNames: ['projects/p/alertPolicies/2'] }, false],
    ['of its resource', { monitoredResources: [{ type: 'k8s_container', labels: { pod_name: 'x' } }] }, true],
    ['of another resource', { monitoredResources: [{ type: 'k8s_container', labels: { pod_name: 'y' } }] }, false],
  ] as const)
    test(what, () => assert.equal(isListed(incident, list), listed))
})
