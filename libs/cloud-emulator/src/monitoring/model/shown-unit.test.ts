import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shownUnit } from './shown-unit.ts'

test('the unit of a metric is its own, or the one in its name', () => {
  const cases: [type: string, unit: string, shown: string][] = [
    ['external.googleapis.com/prometheus/process_resident_memory_bytes', '', 'By'],
    ['external.googleapis.com/prometheus/http_request_duration_seconds', '', 's'],
    ['external.googleapis.com/prometheus/process_cpu_seconds_total', '', 's'],
    ['prometheus.googleapis.com/http_request_duration_seconds/histogram', '', 's'],
    ['prometheus.googleapis.com/bytes_total/unknown:counter', '', 'By'],
    ['external.googleapis.com/prometheus/cache_hit_ratio', '', '10^2.%'],
    ['external.googleapis.com/prometheus/x_seconds', 'ms', 'ms'],
    ['external.googleapis.com/prometheus/x_seconds', '1', '1'],
    ['external.googleapis.com/prometheus/http_requests_total', '', ''],
    ['external.googleapis.com/prometheus/seconds_left', '', ''],
    ['custom.googleapis.com/milliseconds', '', 'ms'],
  ]
  for (const [type, unit, shown] of cases) assert.equal(shownUnit({ type, unit }), shown, type)
})
