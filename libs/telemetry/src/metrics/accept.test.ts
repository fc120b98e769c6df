import assert from 'node:assert/strict'
import { test } from 'node:test'
import { negotiateFormat } from './accept.ts'

const PROMETHEUS_2_42 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'
const PROMETHEUS_3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2'

const cases: readonly (readonly [accept: string | undefined, format: string])[] = [
  [undefined, 'text'],
  ['', 'text'],
  ['*/*', 'text'],
  ['text/html,*/*;q=0.8', 'text'],
  ['text/plain', 'text'],
  ['application/openmetrics-text', 'openmetrics'],
  ['application/openmetrics-text; version=1.0.0', 'openmetrics'],
  ['APPLICATION/OpenMetrics-Text; Version="1.0.0"; charset=utf-8', 'openmetrics'],
  ['application/openmetrics-text; version=0.0.1', 'text'],
  ['application/openmetrics-text; version=2.0.0', 'text'],
  [PROMETHEUS_2_42, 'openmetrics'],
  [PROMETHEUS_3, 'openmetrics'],
  ['application/openmetrics-text;q=0.3,text/plain;q=0.5', 'text'],
  ['application/openmetrics-text;q=0.5,text/plain;q=0.5', 'openmetrics'],
  ['application/openmetrics-text;q=0.5,text/*;q=0.8', 'text'],
  ['application/openmetrics-text;q=0.5,*/*;q=0.8', 'text'],
  ['application/openmetrics-text;q=0.9,text/plain;q=0.1,*/*;q=1', 'openmetrics'],
  ['application/openmetrics-text;version=1.0.0;q=0.2,application/openmetrics-text;q=0.9,text/plain;q=0.5', 'text'],
  ['application/openmetrics-text;version=1.0.0;q=0,application/openmetrics-text,*/*;q=0.1', 'text'],
  ['application/openmetrics-text;q=0', 'text'],
  ['application/openmetrics-text;q=0,*/*', 'text'],
  ['text/plain;q=0,*/*', 'openmetrics'],
  ['text/*;q=0,application/*;q=0.5', 'openmetrics'],
  ['text/plain;q=0,*/*;q=0', 'text'],
  ['*/*;q=0', 'text'],
  ['application/openmetrics-text;q=2', 'text'],
  ['application/openmetrics-text;q=high', 'text'],
  [`application/openmetrics-text${','.repeat(5_000)}`, 'text'],
]

for (const [accept, format] of cases) {
  test(`Accept: ${accept?.slice(0, 100)} selects ${format}`, () => {
    assert.equal(negotiateFormat(accept), format)
  })
}
