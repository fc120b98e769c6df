import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metricsTable } from './metrics-table.ts'

const EXPOSITION = `# HELP b_seconds How long; a <b> or a | b\\nthen
# TYPE b_seconds histogram
b_seconds_bucket{path="/a}\\"",le="1"} 1
b_seconds_sum{path="/a}\\""} 1
b_seconds_count{path="/a}\\""} 1
# HELP a_total Requests
# TYPE a_total counter
a_total 3
# TYPE a_total_other gauge
a_total_other{x="1",y="2"} 3
`

test('each metric has its type, the labels that its series have, and its help, by name', () => {
  assert.deepEqual(metricsTable(EXPOSITION).split('\n').slice(2), [
    '| `a_total` | counter |  | Requests |',
    '| `a_total_other` | gauge | `x`, `y` |  |',
    '| `b_seconds` | histogram | `path` | How long; a &lt;b> or a \\| b then |',
  ])
})

test('what is known already is left out', () => {
  const known = new Set(['a_total'])
  assert.doesNotMatch(metricsTable(EXPOSITION, known), /`a_total`/)
  assert.deepEqual([...known], ['a_total', 'b_seconds', 'a_total_other'])
})
