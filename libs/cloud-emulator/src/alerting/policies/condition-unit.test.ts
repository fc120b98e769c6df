import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { policyJson } from '../../../test/testing/alerting-calls.ts'
import { conditionUnit } from './condition-unit.ts'
import { policyFromJson } from './load-policies.ts'

describe('the unit of the values that a condition compares', () => {
  const aligned = (...aligners: string[]) => ({
    aggregations: aligners.map((perSeriesAligner) => ({ alignmentPeriod: '60s', perSeriesAligner })),
  })
  const ratio = (denominator: string, aligner: string) => ({
    ...aligned('ALIGN_MEAN'),
    denominatorFilter: `metric.type = "custom.googleapis.com/${denominator}" resource.type = "global"`,
    denominatorAggregations: aligned(aligner).aggregations,
  })
  const cases: [what: string, threshold: Record<string, unknown>, metricUnit: string | undefined, unit: string][] = [
    ['the mean of bytes', aligned('ALIGN_MEAN'), 'By', 'By'],
    ['bytes per second', aligned('ALIGN_RATE'), 'By', 'By/s'],
    ['the largest rate', aligned('ALIGN_RATE', 'ALIGN_MAX'), '', '1/s'],
    ['a number of points', aligned('ALIGN_COUNT'), 's', '1'],
    ['points without alignment', { aggregations: [] }, 'ms', 'ms'],
    ['a metric without a unit', aligned('ALIGN_MEAN'), '', '1'],
    ['a metric that has not been written yet', aligned('ALIGN_MEAN'), undefined, '1'],
    ['a fraction of one metric', ratio('level', 'ALIGN_MEAN'), 'By', '10^2.%'],
    ['a ratio of two metrics', ratio('other', 'ALIGN_MEAN'), 'By', '1'],
    ['a ratio of a level and its rate', ratio('level', 'ALIGN_RATE'), 'By', '1'],
    [
      'a burn rate',
      { filter: 'select_slo_burn_rate("projects/p/services/s/serviceLevelObjectives/o", "60m")', aggregations: [] },
      'By',
      '1',
    ],
  ]
  for (const [what, threshold, metricUnit, unit] of cases)
    test(what, () => {
      const [condition] = policyFromJson(policyJson({}, threshold)).conditions
      assert.ok(condition)
      assert.equal(
        conditionUnit(condition, (type) => (type === 'custom.googleapis.com/level' ? metricUnit : 'wrong')),
        unit,
      )
    })

  test('absence has none', () => {
    const condition = { displayName: 'c', conditionAbsent: { filter: 'metric.type = "x"', duration: '60s' } }
    const [absent] = policyFromJson(policyJson({ conditions: [condition] })).conditions
    assert.equal(absent && conditionUnit(absent, () => 'By'), '1')
  })
})
