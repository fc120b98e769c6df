// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Cloud Monitoring's templates look like this
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { DashboardsServiceClient } from '@google-cloud/monitoring-dashboards'
import { credentials } from '@grpc/grpc-js'
import { requestJson, startTestEmulator } from '../../test/testing/running-emulator.ts'
import { firstDifference } from '../check/round-trip.ts'

const PARENT = 'projects/demo-project'
const collection = `/v1/${PARENT}/dashboards`

const xyChart = (filter = 'metric.type="custom.googleapis.com/x"') => ({
  xyChart: { dataSets: [{ timeSeriesQuery: { timeSeriesFilter: { filter } } }] },
})
const shifted = (timeshiftDuration: string, ...plotTypes: readonly string[]) => ({
  xyChart: {
    timeshiftDuration,
    dataSets: plotTypes.map((plotType) => ({
      plotType,
      timeSeriesQuery: { timeSeriesFilter: { filter: 'metric.type="x"' } },
    })),
  },
})
const tile = (
  xPos: number,
  yPos: number,
  width: number,
  height: number,
  widget: object = { title: 't', ...xyChart() },
) => ({ xPos, yPos, width, height, widget })
const mosaic = (...tiles: object[]) => ({ displayName: 'd', mosaicLayout: { columns: 12, tiles } })

async function start(context: TestContext) {
  const emulator = await startTestEmulator(context)
  const client = new DashboardsServiceClient({
    apiEndpoint: '127.0.0.1',
    port: emulator.grpcPort,
    sslCreds: credentials.createInsecure(),
    projectId: 'demo-project',
  })
  context.after(() => client.close())
  return { emulator, client }
}

describe("Google's own client", () => {
  test('creates, gets, lists, updates and deletes', async (context) => {
    const { client } = await start(context)
    const [created] = await client.createDashboard({ parent: PARENT, dashboard: mosaic(tile(0, 0, 6, 4)) })
    assert.match(created.name ?? '', /^projects\/demo-project\/dashboards\/[\w-]+$/)
    assert.ok(created.etag)
    const { etag } = created
    const name = created.name ?? ''
    const [read] = await client.getDashboard({ name })
    assert.equal(
      read.mosaicLayout?.tiles?.[0]?.widget?.xyChart?.dataSets?.[0]?.timeSeriesQuery?.timeSeriesFilter?.filter,
      'metric.type="custom.googleapis.com/x"',
    )
    const [updated] = await client.updateDashboard({ dashboard: { ...read, displayName: 'other' } })
    assert.notEqual(updated.etag, etag)
    await assert.rejects(client.updateDashboard({ dashboard: { ...read, displayName: 'late' } }), {
      code: 10,
      message: /is outdated/,
    })
    await assert.rejects(client.updateDashboard({ dashboard: { ...read, etag: '' } }), {
      code: 3,
      message: /Update Dashboard should specify a non empty etag\.$/,
    })
    const [last] = await client.updateDashboard({ dashboard: { ...updated, displayName: 'last' } })
    assert.equal(last.displayName, 'last')
    const [list] = await client.listDashboards({ parent: PARENT })
    assert.deepEqual(
      list.map((dashboard) => dashboard.displayName),
      ['last'],
    )
    await client.deleteDashboard({ name })
    await assert.rejects(client.getDashboard({ name }), { code: 5, message: /was not found/ })
    await assert.rejects(client.deleteDashboard({ name }), { code: 5 })
    await assert.rejects(client.updateDashboard({ dashboard: read }), { code: 5 })
  })

  test('validateOnly stores nothing', async (context) => {
    const { client } = await start(context)
    const name = `${PARENT}/dashboards/x`
    await client.createDashboard({ parent: PARENT, dashboard: { name, ...mosaic() }, validateOnly: true })
    await assert.rejects(client.getDashboard({ name }), { code: 5 })
  })
})

describe('by REST', () => {
  test('with a given ID, in pages', async (context) => {
    const { emulator } = await start(context)
    for (const id of ['b', 'a', 'c']) {
      const { status, json } = await requestJson(`${emulator.url}${collection}`, {
        body: { name: `${PARENT}/dashboards/${id}`, ...mosaic() },
      })
      assert.deepEqual([status, json.name], [200, `${PARENT}/dashboards/${id}`])
    }
    const first = await requestJson(`${emulator.url}${collection}?pageSize=2`)
    const second = await requestJson(`${emulator.url}${collection}?pageSize=2&pageToken=${first.json.nextPageToken}`)
    const ids = [...first.json.dashboards, ...second.json.dashboards].map(({ name }: { name: string }) =>
      name.slice(-1),
    )
    assert.deepEqual([ids, second.json.nextPageToken], [['a', 'b', 'c'], undefined])
    assert.equal(
      (await requestJson(`${emulator.url}${collection}`, { body: { name: `${PARENT}/dashboards/a`, ...mosaic() } }))
        .status,
      409,
    )
  })

  test('PATCH with the etag, DELETE', async (context) => {
    const { emulator } = await start(context)
    const url = `${emulator.url}${collection}/x`
    const { json } = await requestJson(`${emulator.url}${collection}`, {
      body: { name: `${PARENT}/dashboards/x`, ...mosaic() },
    })
    const patched = await requestJson(url, {
      method: 'PATCH',
      body: { ...mosaic(), displayName: 'new', etag: json.etag },
    })
    assert.deepEqual([patched.status, patched.json.displayName], [200, 'new'])
    assert.deepEqual(await requestJson(url), { status: 200, json: patched.json })
    const stale = await requestJson(url, { method: 'PATCH', body: { ...mosaic(), etag: json.etag } })
    assert.deepEqual([stale.status, stale.json.error.status], [409, 'ABORTED'])
    assert.deepEqual(await requestJson(url, { method: 'DELETE' }), { status: 200, json: {} })
    assert.equal((await requestJson(url)).status, 404)
  })

  const wrong: [what: string, dashboard: object, message: RegExp][] = [
    [
      'no name',
      { ...mosaic(), displayName: '' },
      /dashboard\.display_name had an invalid value: The display name is required/,
    ],
    ['no layout', { displayName: 'd' }, /One of gridLayout, mosaicLayout, rowLayout and columnLayout is required/],
    ['two layouts', { ...mosaic(), gridLayout: {} }, /oneof field 'layout' is already set/],
    [
      'no columns',
      { displayName: 'd', mosaicLayout: { tiles: [] } },
      /mosaic_layout\.columns had an invalid value of "0": The number of columns must be from 1 to 48/,
    ],
    ['49 columns', { displayName: 'd', mosaicLayout: { columns: 49 } }, /columns had an invalid value of "49"/],
    ['a tile at -1', mosaic(tile(-1, 0, 1, 1)), /tiles\[0\] had an invalid value of "-1,0"/],
    ['a tile without a width', mosaic(tile(0, 0, 0, 1)), /A tile must be at least 1 wide and 1 high/],
    [
      'a tile that is too wide',
      mosaic(tile(7, 0, 6, 1)),
      /tiles\[0\] had an invalid value of "xPos 7 \+ width 6": The tile extends beyond the 12 columns/,
    ],
    [
      'tiles that overlap',
      mosaic(tile(0, 0, 6, 4), tile(5, 3, 6, 4)),
      /tiles\[1\] had an invalid value: The tile overlaps with tiles\[0\]/,
    ],
    ['a tile without a widget', mosaic({ xPos: 0, yPos: 0, width: 1, height: 1 }), /The widget is required/],
    [
      'a widget without content',
      mosaic(tile(0, 0, 1, 1, { title: 't' })),
      /^Dashboard is missing required field mosaicLayout\.tiles\[0\]\.widget\.content\.$/,
    ],
    ['a chart without data sets', mosaic(tile(0, 0, 1, 1, { xyChart: {} })), /At least one data set is required/],
    ['a data set without a query', mosaic(tile(0, 0, 1, 1, { xyChart: { dataSets: [{}] } })), /A query is required/],
    ['an empty filter', mosaic(tile(0, 0, 1, 1, xyChart(''))), /The filter is required/],
    [
      'a broken filter',
      mosaic(tile(0, 0, 1, 1, xyChart('metric.type='))),
      /Expected a value, but found the end \(at position 12\)/,
    ],
    [
      'a broken filter in a grid',
      { displayName: 'd', gridLayout: { widgets: [xyChart('x')] } },
      /grid_layout\.widgets\[0\]\.xy_chart\.data_sets\[0\]\.time_series_query\.time_series_filter\.filter had/,
    ],
    [
      'a broken filter in a row',
      { displayName: 'd', rowLayout: { rows: [{ widgets: [xyChart('x')] }] } },
      /row_layout\.rows\[0\]\.widgets\[0\]/,
    ],
    [
      'a broken filter in a column',
      { displayName: 'd', columnLayout: { columns: [{ widgets: [xyChart('x')] }] } },
      /column_layout\.columns\[0\]\.widgets\[0\]/,
    ],
    ...(['numerator', 'denominator'] as const).map((half): [string, object, RegExp] => {
      const ratio = {
        numerator: { filter: 'project = a' },
        denominator: { filter: 'project = a' },
        [half]: { filter: '(' },
      }
      const dataSets = [{ timeSeriesQuery: { timeSeriesFilterRatio: ratio } }]
      return [
        `a broken filter of a ratio's ${half}`,
        mosaic(tile(0, 0, 1, 1, { xyChart: { dataSets } })),
        new RegExp(`time_series_filter_ratio\\.${half}\\.filter had an invalid value of "\\("`),
      ]
    }),
    ...(
      [
        ['xyChart', 'xy_chart'],
        ['timeSeriesTable', 'time_series_table'],
        ['pieChart', 'pie_chart'],
        ['treemap', 'treemap'],
      ] as const
    ).flatMap(([widget, name]): [string, object, RegExp][] => {
      const filter = 'metric.type="x"'
      const at = `^Field dashboard\\.mosaic_layout\\.tiles\\[0\\]\\.widget\\.${name}\\.data_sets\\[1\\]\\.time_series_query\\.time_series_filter`
      const second = (timeSeriesQuery: object): object =>
        mosaic(
          tile(0, 0, 1, 1, {
            [widget]: { dataSets: [{ timeSeriesQuery: { timeSeriesFilter: { filter } } }, { timeSeriesQuery }] },
          }),
        )
      const secondaryAggregation = { alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_MEAN' }
      return [
        [
          `a duplicate restriction in the second filter of a ${widget}`,
          second({ timeSeriesFilter: { filter: `${filter} AND ${filter}` } }),
          new RegExp(`${at}\\.filter had .*The restriction "metric\\.type" is used more than once`),
        ],
        [
          `a second aggregation without a first in a ${widget}`,
          second({ timeSeriesFilter: { filter, secondaryAggregation } }),
          new RegExp(`${at}\\.secondary_aggregation had an invalid value: It can only be specified if aggregation is`),
        ],
        [
          `a ratio without a denominator in a ${widget}`,
          second({ timeSeriesFilterRatio: { numerator: { filter }, denominator: { filter: '' } } }),
          new RegExp(`${at}_ratio\\.denominator\\.filter had`),
        ],
      ]
    }),
    [
      'a second aggregation without a first in a scorecard',
      mosaic(
        tile(0, 0, 1, 1, {
          scorecard: {
            timeSeriesQuery: {
              timeSeriesFilter: { filter: 'metric.type="x"', secondaryAggregation: { perSeriesAligner: 'ALIGN_NONE' } },
            },
          },
        }),
      ),
      /tiles\[0\]\.widget\.scorecard\.time_series_query\.time_series_filter\.secondary_aggregation had/,
    ],
    [
      'an undefined variable',
      mosaic(tile(0, 0, 1, 1, xyChart('metric.type="x" AND ${pod}'))),
      /Unexpected character "\$" \(at position 20\)/,
    ],
    [
      'a text of a megabyte',
      mosaic(tile(0, 0, 1, 1, { text: { content: 'x'.repeat(1024 * 1024) } })),
      /has \d+ bytes; at most 1048576 are allowed/,
    ],
    [
      'an unknown widget',
      mosaic(tile(0, 0, 1, 1, { barChart: {} })),
      /Unknown name "barChart" at 'dashboard\.mosaic_layout\.tiles\[0\]\.widget'/,
    ],
    [
      'a comparison with less than a minute ago',
      mosaic(tile(0, 0, 6, 4, shifted('59.5s', 'LINE'))),
      /^Field mosaicLayout\.tiles\[0\]\.widget\.xyChart\.timeshiftDuration has an invalid value of "59\.5s": must be greater than or equal to one minute\.$/,
    ],
    [
      'a comparison of bars',
      mosaic(tile(0, 0, 6, 4, shifted('3600s', 'LINE', 'STACKED_BAR'))),
      /xyChart\.dataSets\[1\]\.plotType has an invalid value of "STACKED_BAR": plot type is incompatible with XyChart's timeshiftDuration\.$/,
    ],
    [
      'a group outside of a mosaic',
      { displayName: 'd', gridLayout: { widgets: [{ title: 'g', collapsibleGroup: {} }] } },
      /grid_layout\.widgets\[0\] had an invalid value of "collapsibleGroup": collapsibleGroup is only allowed in MosaicLayout\.$/,
    ],
    [
      'a group that shows one of its tiles, in a column',
      { displayName: 'd', columnLayout: { columns: [{ widgets: [{ text: {} }, { singleViewGroup: {} }] }] } },
      /column_layout\.columns\[0\]\.widgets\[1\] had an invalid value of "singleViewGroup"/,
    ],
    [
      'a header of a section in a row',
      { displayName: 'd', rowLayout: { rows: [{ widgets: [{ sectionHeader: {} }] }] } },
      /row_layout\.rows\[0\]\.widgets\[0\] .*sectionHeader is only allowed in MosaicLayout\.$/,
    ],
    ['an etag', { ...mosaic(), etag: 'x' }, /must not be set when a dashboard is created/],
    [
      'a name of another project',
      { ...mosaic(), name: 'projects/other/dashboards/x' },
      /must have the form projects\/demo-project\/dashboards\/ID/,
    ],
  ]
  test('invalid dashboards', async (context) => {
    const { emulator } = await start(context)
    for (const [what, dashboard, message] of wrong) {
      const { status, json } = await requestJson(`${emulator.url}${collection}`, { body: dashboard })
      assert.equal(status, 400, what)
      assert.match(json.error.message, message, what)
    }
  })

  test("filters with the dashboard's variables", async (context) => {
    const { emulator } = await start(context)
    const dashboard = {
      ...mosaic(
        tile(0, 0, 6, 4, xyChart('metric.type="x" AND ${pod}')),
        tile(6, 0, 6, 4, xyChart('metric.type="x" AND metric.labels.pod="${pod.value}" $pod')),
      ),
      dashboardFilters: [{ labelKey: 'pod_name', filterType: 'RESOURCE_LABEL', templateVariable: 'pod' }],
    }
    assert.equal((await requestJson(`${emulator.url}${collection}`, { body: dashboard })).status, 200)
  })

  test('tiles may be within a collapsible group', async (context) => {
    const { emulator } = await start(context)
    const dashboard = mosaic(
      tile(0, 0, 12, 4, { title: 'group', collapsibleGroup: {} }),
      tile(0, 0, 6, 4),
      tile(6, 0, 6, 4),
    )
    assert.equal((await requestJson(`${emulator.url}${collection}`, { body: dashboard })).status, 200)
  })
})

describe("fields of Google's newest definitions are returned", () => {
  const query = { timeSeriesFilter: { filter: 'metric.type="x"' } }
  const dataSet = { timeSeriesQuery: query }
  const widgets: [what: string, widget: object][] = [
    [
      'chart options',
      { xyChart: { dataSets: [dataSet], chartOptions: { mode: 'COLOR', displayHorizontal: false, showLegend: true } } },
    ],
    [
      'breakdowns, dimensions, measures, sorting',
      {
        xyChart: {
          dataSets: [
            {
              ...dataSet,
              breakdowns: [
                {
                  column: 'c',
                  limit: 10,
                  sortOrder: 'SORT_ORDER_ASCENDING',
                  aggregationFunction: { type: 'p', parameters: [{ intValue: '99' }] },
                },
              ],
              dimensions: [{ column: 'd', timeBinSize: '60s', xMin: 0 }],
              measures: [{ column: 'm', aggregationFunction: { type: 'avg' } }],
              sort: [{ column: 'd', direction: 'SORT_ORDER_DESCENDING' }],
            },
          ],
        },
      },
    ],
    [
      'columns',
      {
        timeSeriesTable: {
          dataSets: [dataSet],
          columnSettings: [{ column: 'c', displayName: 'C', alignment: 'CENTER' }],
          displayColumnType: true,
        },
      },
    ],
    ['SQL', { xyChart: { dataSets: [{ timeSeriesQuery: { opsAnalyticsQuery: { sql: 'SELECT 1' } } }] } }],
    ['traces', { xyChart: { dataSets: [{ timeSeriesQuery: { traceQuery: { spanDataValue: 'SPAN_COUNT' } } }] } }],
    ['the source of data', { xyChart: { dataSets: [{ timeSeriesQuery: { ...query, apiSource: 'DEFAULT_CLOUD' } }] } }],
    ['a time range of its own', { blank: {}, timeRange: { relativeDuration: '3600s' } }],
    [
      'a condition',
      {
        blank: {},
        visibilityCondition: {
          templateVariableCondition: {
            templateVariable: 'v',
            templateVariableValue: 'x',
            comparator: 'REGEX_FULL_MATCH',
          },
        },
      },
    ],
    ['a treemap', { treemap: { dataSets: [{ timeSeriesQuery: query }], treemapHierarchy: ['a'] } }],
    ['a filter control', { filterControl: { templateVariable: 'v' } }],
  ]
  const dashboard = {
    displayName: 'd',
    description: 'text',
    gridLayout: { widgets: widgets.map(([, widget]) => widget) },
    annotations: {
      defaultResourceNames: ['projects/p'],
      eventAnnotations: [{ displayName: 'e', enabled: true, eventType: 'VM_TERMINATION' }],
    },
    dashboardFilters: [
      {
        labelKey: 'zone',
        filterType: 'VALUE_ONLY',
        valueType: 'STRING_ARRAY',
        stringArrayValue: { values: ['a', 'b'] },
        stringArray: { values: ['a', 'b', 'c'] },
      },
    ],
  }
  test('by REST', async (context) => {
    const { emulator } = await start(context)
    const { status, json } = await requestJson(`${emulator.url}${collection}`, { body: dashboard })
    assert.equal(status, 200, JSON.stringify(json))
    const { name, etag, ...rest } = json
    assert.ok(name && etag)
    for (const [index, [what, widget]] of widgets.entries())
      assert.equal(firstDifference(widget, rest.gridLayout.widgets[index]), undefined, what)
    assert.equal(firstDifference(dashboard, rest), undefined)
    assert.deepEqual((await requestJson(`${emulator.url}/v1/${name}`)).json, json)
  })
})

describe('a group that shows one of its tiles', () => {
  const view = (height: number) => tile(0, 0, 6, height, { title: 'g', singleViewGroup: {} })
  test('its tiles may overlap', async (context) => {
    const { emulator } = await start(context)
    const body = mosaic(
      view(4),
      tile(0, 0, 6, 4),
      tile(0, 0, 6, 4),
      tile(0, 0, 3, 2),
      tile(6, 0, 6, 4, { singleViewGroup: {} }),
      tile(6, 0, 6, 4),
    )
    const { status, json } = await requestJson(`${emulator.url}${collection}`, { body })
    assert.equal(status, 200, JSON.stringify(json))
  })
  test('but no tile may extend beyond it', async (context) => {
    const { emulator } = await start(context)
    const { json } = await requestJson(`${emulator.url}${collection}`, {
      body: mosaic(view(2), tile(0, 0, 6, 2), tile(0, 0, 6, 4)),
    })
    assert.match(json.error.message, /tiles\[2\] had an invalid value: The tile overlaps with tiles\[0\]/)
  })
})

test('dashboards are loaded from a folder; invalid ones are reported', async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'dashboards-'))
  context.after(() => rm(directory, { recursive: true }))
  await writeFile(join(directory, 'good.json'), JSON.stringify(mosaic(tile(0, 0, 1, 1))))
  await writeFile(join(directory, 'broken.json'), '{')
  await writeFile(join(directory, 'wrong.json'), JSON.stringify({ displayName: 'x' }))
  await writeFile(join(directory, 'notes.txt'), 'not a dashboard')
  const emulator = await startTestEmulator(context, { dashboardsDir: directory })
  const { json } = await requestJson(`${emulator.url}/v1/${PARENT}/dashboards`)
  assert.deepEqual(
    json.dashboards.map(({ name }: { name: string }) => name),
    [`${PARENT}/dashboards/good`],
  )
  assert.deepEqual(
    emulator.dashboardProblems.map((problem) => problem.split(':')[0]),
    ['broken.json', 'wrong.json'],
  )
  await assert.rejects(startTestEmulator(context, { dashboardsDir: join(directory, 'none') }), {
    exitCode: 2,
    message: /--dashboards ".*none" can't be used/,
  })
})
