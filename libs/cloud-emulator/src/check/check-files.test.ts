import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { policyJson } from '../../test/testing/alerting-calls.ts'
import { checkFiles } from './check-files.ts'
import { reportText } from './report-text.ts'
import { firstDifference } from './round-trip.ts'

const chart = (timeSeriesQuery: object) => ({ title: 'c', xyChart: { dataSets: [{ timeSeriesQuery }] } })
const filtered = (filter: string, perSeriesAligner = 'ALIGN_MEAN', more: object = {}) =>
  chart({ timeSeriesFilter: { filter, aggregation: { perSeriesAligner, ...more } } })
const grid = (...widgets: object[]) => ({ displayName: 'd', gridLayout: { widgets } })

async function folderWith(context: TestContext, files: Record<string, unknown>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'check-'))
  context.after(() => rm(folder, { recursive: true }))
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  return folder
}

describe('tiles with generated data', () => {
  const cases: [what: string, widget: object, says: RegExp | undefined][] = [
    ['a gauge', filtered('metric.type="a.b/c" resource.type="gce_instance" metric.labels.x="1"'), undefined],
    [
      'a counter',
      filtered('metric.type="a.b/c"', 'ALIGN_RATE', { alignmentPeriod: '300s', crossSeriesReducer: 'REDUCE_SUM' }),
      undefined,
    ],
    [
      'PromQL',
      chart({ prometheusQuery: 'histogram_quantile(0.9, sum by (le) (rate(x_bucket{a="b"}[5m])))' }),
      undefined,
    ],
    ['PromQL with a state', chart({ prometheusQuery: 'count(up == 15) and (a < 16 and b == 15)' }), undefined],
    [
      'PromQL with a count of zeros',
      chart({ prometheusQuery: 'count(avg by (pod) (a) == 0) / count(a > 0)' }),
      undefined,
    ],
    ['PromQL with other labels', chart({ prometheusQuery: 'a{x="1"} / b{y="2"}' }), undefined],
    ['invalid PromQL', chart({ prometheusQuery: 'sum(' }), /unclosed left parenthesis/],
    ['a percentile', filtered('metric.type="a.b/c"', 'ALIGN_PERCENTILE_99'), undefined],
    ['a fraction of booleans', filtered('metric.type="a.b/c"', 'ALIGN_FRACTION_TRUE'), undefined],
    ['a pattern', filtered('metric.type="a.b/c" metric.labels.code=monitoring.regex.full_match("5..|4..")'), undefined],
    ['a range', filtered('metric.type="a.b/c" metric.labels.code>="200" metric.labels.code<="299"'), undefined],
    [
      'a ratio',
      chart({
        timeSeriesFilterRatio: {
          numerator: {
            filter: 'metric.type="a.b/c" metric.labels.x="1"',
            aggregation: { perSeriesAligner: 'ALIGN_RATE', crossSeriesReducer: 'REDUCE_SUM' },
          },
          denominator: {
            filter: 'metric.type="a.b/c"',
            aggregation: { perSeriesAligner: 'ALIGN_RATE', crossSeriesReducer: 'REDUCE_SUM' },
          },
        },
      }),
      undefined,
    ],
    ['text', { text: { content: 'x' } }, undefined],
    ['MQL', chart({ timeSeriesQueryLanguage: 'fetch x' }), /^timeSeriesQueryLanguage is not supported/],
    ['SQL', chart({ opsAnalyticsQuery: { sql: 'SELECT 1' } }), /^opsAnalyticsQuery is not supported/],
    [
      'metadata',
      filtered('metric.type="a.b/c" metadata.user_labels.app="x"'),
      /^The filter restricts metadata\.user_labels\.app, but series have no metadata/,
    ],
    ['another widget', { treemap: {} }, /^“treemap” is not supported here\.$/],
  ]
  for (const [what, widget, says] of cases)
    test(what, async (context) => {
      const report = await checkFiles([await folderWith(context, { 'd.json': grid(widget) })])
      assert.deepEqual(report.problems, [])
      assert.equal(report.tilesDrawn, says ? 0 : 1)
      if (says) assert.match(report.tilesSaid[0]?.says ?? '', says)
    })
})

test('problems have the file and the field; files that are not dashboards are skipped in folders', async (context) => {
  const folder = await folderWith(context, {
    'good.json': grid({ text: {} }),
    'wrong.json': grid({ barChart: {} }),
    'empty.json': grid(filtered('metric.type="a.b/c" metric.labels.x="1" metric.labels.x!="1"')),
    'other.json': { rules: [] },
    'broken.json': '{',
    'large.json': grid({ text: { content: 'x'.repeat(1024 * 1024) } }),
  })
  const report = await checkFiles([folder])
  assert.deepEqual([report.dashboards, report.accepted], [4, 2])
  assert.deepEqual(
    report.problems.map(({ file, message }) => [file.slice(folder.length + 1), message]),
    [
      ['broken.json', "Expected property name or '}' in JSON at position 1 (line 1 column 2)"],
      ['empty.json', 'The tile "c" is empty with generated data, and does not say why.'],
      ['large.json', 'The dashboard has 1048595 bytes; at most 1048576 are allowed.'],
      [
        'wrong.json',
        `Invalid JSON payload received. Unknown name "barChart" at 'dashboard.grid_layout.widgets[0]': Cannot find field.`,
      ],
    ],
  )
  assert.match(reportText(report), /^2 of 4 dashboards are accepted and returned unchanged; 1 tile shows/m)
  for (const named of ['broken.json', 'other.json', 'large.json'])
    assert.equal((await checkFiles([join(folder, named)])).problems.length, 1, named)
  await assert.rejects(checkFiles([join(folder, 'none')]), {
    code: 'ERR_CHECK_PATH',
    exitCode: 2,
    message: /PATH ".*none" can't be used/,
  })
})

test('a folder without dashboards is a problem, even if another one has some', async (context) => {
  const without = await folderWith(context, { 'other.json': { rules: [] }, 'text.txt': '{' })
  const some = await folderWith(context, { 'good.json': grid({ text: {} }) })
  const { dashboards, problems } = await checkFiles([some, without])
  assert.deepEqual([dashboards, problems.map(({ file }) => file)], [1, [without]])
  assert.match(problems[0]?.message ?? '', /^The folder has no dashboard and no alert policy/)
})

describe('round trips', () => {
  const cases: [given: unknown, back: unknown, lost: string | undefined][] = [
    [{ a: 1, b: [{ c: 'x' }] }, { a: 1, b: [{ c: 'x' }] }, undefined],
    [{ snake_case: '12' }, { snakeCase: 12 }, undefined],
    [{ a: 0, b: '', c: false, d: [], e: {}, f: 'MODE_UNSPECIFIED', g: 'ALIGN_NONE', h: null }, {}, undefined],
    [{ a: '60.0s' }, { a: '60s' }, undefined],
    [{ a: { b: 1 } }, { a: {} }, 'a.b'],
    [{ a: [1, 2] }, { a: [1] }, 'a'],
    [{ a: [{ b: 'x' }] }, { a: [{ b: 'y' }] }, 'a[0].b'],
    [{ a: true }, {}, 'a'],
  ]
  for (const [given, back, lost] of cases)
    test(JSON.stringify(given), () => assert.equal(firstDifference(given, back), lost))
})

test('alert policies are also checked', async (context) => {
  const folder = await folderWith(context, {
    'good.json': policyJson({ name: 'projects/p/alertPolicies/1' }),
    'wrong.json': policyJson({}, { comparison: 'COMPARISON_EQ' }),
  })
  const report = await checkFiles([folder])
  assert.deepEqual([report.dashboards, report.policies, report.policiesAccepted], [0, 2, 1])
  assert.match(report.problems[0]?.message ?? '', /condition_threshold\.comparison /)
  assert.match(reportText(report), /^1 of 2 alert policies are accepted and returned unchanged\.$/m)
})
