import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { alertLabel } from '../../src/dashboards/apply-plan.ts'
import {
  type AlertPolicy,
  type Dashboard,
  type Named,
  readAlertPolicies,
  readDashboards,
} from '../../src/dashboards/documents.ts'
import { alertPolicyTwin, dashboardTwin } from '../../src/dashboards/gmp-twin.ts'
import {
  labelsOf,
  type MetricUse,
  metricPrefix,
  metricTypesOf,
  usesOfAlertPolicy,
  usesOfDashboard,
  usesOfWidget,
} from '../../src/dashboards/metric-use.ts'
import { EmulatorCheck, readAlertPolicy } from './emulator-check.ts'

/** Labels that the API gives to a `k8s_container`. */
const resourceLabels = ['project_id', 'location', 'cluster_name', 'namespace_name', 'pod_name', 'container_name']
const shortestDurationSeconds = 60

let dashboards: Named<Dashboard>[] = []
let policies: Named<AlertPolicy>[] = []
let emulator: EmulatorCheck
before(async () => {
  dashboards = await readDashboards()
  policies = await readAlertPolicies()
  emulator = await EmulatorCheck.start()
})
after(() => emulator.close())

function sameQuery(a: MetricUse, b: MetricUse): boolean {
  const types = (use: MetricUse): string => metricTypesOf(use.filter).join()
  return types(a) === types(b) && a.aggregation.perSeriesAligner === b.aggregation.perSeriesAligner
}

describe('every dashboard', () => {
  it('is there', () => {
    assert.deepEqual(
      dashboards.map(({ id }) => id),
      ['custom-metrics-example', 'flask-app', 'loadtester', 'pipeline'],
    )
  })

  it('is accepted by the Dashboards API of the emulator', async () => {
    for (const { id, document } of dashboards) assert.equal(await emulator.dashboardRefusal(document), undefined, id)
  })

  it('fills its 12 columns without an empty row', () => {
    for (const { id, document } of dashboards) {
      const { columns, tiles } = document.mosaicLayout
      assert.equal(columns, 12, id)
      const rows = tiles.flatMap(({ yPos = 0, height }) => Array.from({ length: height }, (_, row) => yPos + row))
      assert.equal(new Set(rows).size, Math.max(...rows) + 1, id)
    }
  })

  it('is named after its file and carries nothing of one project', () => {
    for (const { id, document } of dashboards) {
      assert.equal(document.displayName, id)
      assert.match(id, /^[a-z][a-z0-9-]*$/)
      assert.equal(document.name, undefined)
      assert.equal(document.etag, undefined)
      assert.doesNotMatch(JSON.stringify(document), /projects\//)
    }
  })

  it('titles each of its tiles once', () => {
    for (const { id, document } of dashboards) {
      const titles = document.mosaicLayout.tiles.map((tile) => tile.widget.title)
      assert.ok(
        titles.every((title) => title !== undefined && title !== ''),
        id,
      )
      assert.equal(new Set(titles).size, titles.length, `${id}: ${titles.sort().join(', ')}`)
    }
  })
})

describe('every alert policy', () => {
  it('has the JSON form of google.monitoring.v3.AlertPolicy', () => {
    for (const { id, document } of policies) assert.doesNotThrow(() => readAlertPolicy(document), id)
  })

  it('carries its id, a name of its own, and nothing of one project', () => {
    for (const { id, document } of policies) {
      assert.equal(document.userLabels?.[alertLabel], id)
      assert.match(id, /^[a-z][a-z0-9-]{0,62}$/)
      assert.equal(document.name, undefined)
      assert.doesNotMatch(JSON.stringify(document), /projects\//)
    }
    assert.equal(new Set(policies.map(({ document }) => document.displayName)).size, policies.length)
  })

  it('tells the person on call what it means and what to do', () => {
    for (const { id, document } of policies) {
      const { content, mimeType, subject } = document.documentation
      assert.equal(mimeType, 'text/markdown', id)
      assert.ok(subject && subject.length <= 255, id)
      assert.match(content, /^1\. /m, `${id} has steps`)
      assert.ok(content.length > 150, id)
    }
  })

  it('names dashboards and tiles that there are', () => {
    const names = new Set(dashboards.map(({ id }) => id))
    const titles = new Set(dashboards.flatMap(({ document }) => document.mosaicLayout.tiles.map((t) => t.widget.title)))
    for (const { id, document } of policies) {
      const { content } = document.documentation
      for (const [, name = ''] of content.matchAll(/\*\*([^*]+)\*\*/g)) assert.ok(names.has(name), `${id}: **${name}**`)
      for (const [, title = ''] of content.matchAll(/(?<!\*)\*([A-Z][^*]+)\*(?!\*)/g)) {
        assert.ok(titles.has(title), `${id}: *${title}*`)
      }
    }
  })

  it('waits at least as long as the API demands', () => {
    for (const { id, document } of policies) {
      for (const condition of document.conditions) {
        const { duration = '' } = condition.conditionThreshold ?? condition.conditionAbsent ?? {}
        assert.ok(Number.parseInt(duration, 10) >= shortestDurationSeconds, `${id}: ${duration}`)
      }
    }
  })

  it('has its threshold drawn on a dashboard, at the same value and in the same direction', () => {
    const widgets = dashboards.flatMap(({ document }) => document.mosaicLayout.tiles.map((tile) => tile.widget))
    for (const { id, document } of policies) {
      const [use] = usesOfAlertPolicy(document)
      const threshold = document.conditions[0]?.conditionThreshold
      assert.ok(use)
      if (threshold === undefined) continue
      const direction = threshold.comparison === 'COMPARISON_GT' ? 'ABOVE' : 'BELOW'
      const drawn = widgets.some(
        (widget) =>
          usesOfWidget(widget).some((one) => sameQuery(one, use)) &&
          widget.xyChart?.thresholds?.some(
            (line) => (line.value ?? 0) === (threshold.thresholdValue ?? 0) && line.direction === direction,
          ),
      )
      assert.ok(drawn, `${id}: no chart draws ${threshold.comparison} ${threshold.thresholdValue}`)
    }
  })
})

describe('every query', () => {
  const uses = (): { id: string; use: MetricUse }[] => [
    ...dashboards.flatMap(({ id, document }) => usesOfDashboard(document).map((use) => ({ id, use }))),
    ...policies.flatMap(({ id, document }) => usesOfAlertPolicy(document).map((use) => ({ id, use }))),
  ]

  it('names one metric of ours, on k8s_container, and labels that it has', () => {
    for (const { id, use } of uses()) {
      const [type = '', ...more] = metricTypesOf(use.filter)
      assert.deepEqual(more, [], `${id}, ${use.place}`)
      assert.ok(type.startsWith(metricPrefix), `${id}, ${use.place}: ${type}`)
      assert.match(use.filter, /resource\.type="k8s_container"/)
      for (const label of labelsOf(use).resource) assert.ok(resourceLabels.includes(label), `${id}: ${label}`)
    }
  })

  it('aligns by a minute, and reduces by a known reducer', () => {
    for (const { id, use } of uses()) {
      assert.equal(use.aggregation.alignmentPeriod, '60s', `${id}, ${use.place}`)
      assert.match(use.aggregation.crossSeriesReducer ?? '', /^REDUCE_/, `${id}, ${use.place}`)
    }
  })
})

describe('the twin for Managed Service for Prometheus', () => {
  it('of every dashboard is accepted too, has the same layout, and none of the other names', async () => {
    for (const { id, document } of dashboards) {
      const twin = dashboardTwin(document)
      assert.equal(await emulator.dashboardRefusal(twin), undefined, id)
      assert.equal(twin.mosaicLayout.tiles.length, document.mosaicLayout.tiles.length)
      const queries = JSON.stringify(usesOfDashboard(twin))
      assert.doesNotMatch(queries, /external\.googleapis\.com|k8s_container|pod_name|container_name|cluster_name/, id)
      assert.match(queries, /prometheus\.googleapis\.com\/[a-z_]+\/(counter|gauge|histogram)/)
    }
  })

  it('of every policy but those about the sidecar is a policy too', () => {
    const twins = policies.flatMap(({ id, document }) => {
      const twin = alertPolicyTwin(document)
      return twin ? [{ id, twin }] : []
    })
    for (const { id, twin } of twins) assert.doesNotThrow(() => readAlertPolicy(twin), id)
    assert.ok(twins.length > 0 && twins.length < policies.length)
  })
})

describe('the README beside the files', () => {
  const read = (folder: string): Promise<string> =>
    readFile(new URL(`../../${folder}/README.md`, import.meta.url), 'utf8')

  it('lists every policy with its severity and condition', async () => {
    const text = await read('alerts')
    for (const { id, document } of policies) {
      const [condition] = document.conditions
      const { duration = '' } = condition?.conditionThreshold ?? condition?.conditionAbsent ?? {}
      const minutes = Number.parseInt(duration, 10) / 60
      const row = `| [${id}](${id}.json) | ${document.severity} | ${condition?.displayName} for ${minutes} min |`
      assert.ok(text.includes(row), row)
    }
  })

  it('links every dashboard and shows its picture, which is there', async () => {
    const text = await read('dashboards')
    for (const { id } of dashboards) {
      assert.ok(text.includes(`[${id}](${id}.json)`), id)
      const picture = new URL(`../../../docs/images/dashboard-${id}.png`, import.meta.url)
      assert.ok(text.includes(`../../docs/images/dashboard-${id}.png`), id)
      assert.ok((await stat(picture)).size < 200_000, id)
    }
  })
})
