import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parse } from 'yaml'
import { ALERT_LABEL } from '../../src/dashboards/apply-plan.ts'
import {
  type AlertPolicy,
  type Dashboard,
  type Named,
  readAlertPolicies,
  readDashboards,
} from '../../src/dashboards/documents.ts'
import { toGmpAlertPolicy, toGmpDashboard } from '../../src/dashboards/gmp-translation.ts'
import {
  labelsOf,
  METRIC_PREFIX,
  type MetricUse,
  metricTypesOf,
  usesOfAlertPolicy,
  usesOfDashboard,
  usesOfWidget,
} from '../../src/dashboards/metric-use.ts'
import { toPromqlDashboard } from '../../src/dashboards/promql-translation.ts'
import { rootDir } from '../../src/repository.ts'
import { EmulatorCheck, readAlertPolicy } from './emulator-check.ts'

/** The labels of the resource `k8s_container`. */
const RESOURCE_LABELS = ['project_id', 'location', 'cluster_name', 'namespace_name', 'pod_name', 'container_name']

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
  it('exists', () => {
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

  it('is named after its file and does not depend on a project', () => {
    for (const { id, document } of dashboards) {
      assert.equal(document.displayName, id)
      assert.match(id, /^[a-z][a-z0-9-]*$/)
      assert.equal(document.name, undefined)
      assert.equal(document.etag, undefined)
      assert.doesNotMatch(JSON.stringify(document), /projects\//)
    }
  })

  it('gives each tile a title of its own', () => {
    for (const { id, document } of dashboards) {
      const titles = document.mosaicLayout.tiles.map((tile) => tile.widget.title)
      assert.ok(
        titles.every((title) => title !== undefined && title !== ''),
        id,
      )
      assert.equal(new Set(titles).size, titles.length, `${id}: ${titles.sort().join(', ')}`)
    }
  })

  it('colours no scorecard whose value is what it should be: thresholds are inclusive, so one below a whole number or share is crossed by it', () => {
    for (const { id, document } of dashboards) {
      for (const { widget } of document.mosaicLayout.tiles) {
        const below = widget.scorecard?.thresholds?.filter(({ direction }) => direction === 'BELOW') ?? []
        for (const { value } of below) assert.ok(!Number.isInteger(value), `${id}: ${widget.title}: ${value}`)
      }
    }
  })
})

describe('every alert policy', () => {
  it('has the JSON form of google.monitoring.v3.AlertPolicy', () => {
    for (const { id, document } of policies) assert.doesNotThrow(() => readAlertPolicy(document), id)
  })

  it('has its id as a label, has a name of its own, and does not depend on a project', () => {
    for (const { id, document } of policies) {
      assert.equal(document.userLabels?.[ALERT_LABEL], id)
      assert.match(id, /^[a-z][a-z0-9-]{0,62}$/)
      assert.equal(document.name, undefined)
      assert.doesNotMatch(JSON.stringify(document), /projects\//)
    }
    assert.equal(new Set(policies.map(({ document }) => document.displayName)).size, policies.length)
  })

  it('tells whoever is on call what it means and what to do', () => {
    for (const { id, document } of policies) {
      const { content, mimeType, subject } = document.documentation
      assert.equal(mimeType, 'text/markdown', id)
      assert.ok(subject && subject.length <= 255, id)
      assert.match(content, /^1\. /m, `${id} has steps`)
      assert.ok(content.length > 150, id)
    }
  })

  it('refers to dashboards and tiles that exist', () => {
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

  it('has a duration that the API allows', () => {
    for (const { id, document } of policies) {
      for (const condition of document.conditions) {
        const { duration = '' } = condition.conditionThreshold ?? condition.conditionAbsent ?? {}
        assert.match(duration, /^\d+s$/, id)
        assert.equal(Number.parseInt(duration, 10) % 60, 0, `${id}: ${duration}`)
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

  it('reads one of our metrics on k8s_container, by labels that it has', () => {
    for (const { id, use } of uses()) {
      const [type = '', ...more] = metricTypesOf(use.filter)
      assert.deepEqual(more, [], `${id}, ${use.place}`)
      assert.ok(type.startsWith(METRIC_PREFIX), `${id}, ${use.place}: ${type}`)
      assert.match(use.filter, /resource\.type="k8s_container"/)
      for (const label of labelsOf(use).resource) assert.ok(RESOURCE_LABELS.includes(label), `${id}: ${label}`)
    }
  })

  it('aligns to a minute, or to the windows of the error budget, and has a reducer', () => {
    for (const { id, use } of uses()) {
      const ofBudget = id === 'flask-app-error-budget' || use.place.includes('error budget')
      const periods = ofBudget ? ['300s', '3600s'] : ['60s']
      assert.ok(periods.includes(use.aggregation.alignmentPeriod ?? ''), `${id}, ${use.place}`)
      assert.match(use.aggregation.crossSeriesReducer ?? '', /^REDUCE_/, `${id}, ${use.place}`)
    }
  })
})

describe('the translation for Managed Service for Prometheus', () => {
  it('of every dashboard is accepted, keeps the layout, and has none of the original names', async () => {
    for (const { id, document } of dashboards) {
      const translated = toGmpDashboard(document)
      assert.equal(await emulator.dashboardRefusal(translated), undefined, id)
      assert.equal(translated.mosaicLayout.tiles.length, document.mosaicLayout.tiles.length)
      const queries = JSON.stringify(usesOfDashboard(translated))
      assert.doesNotMatch(queries, /external\.googleapis\.com|k8s_container|pod_name|container_name|cluster_name/, id)
      assert.match(queries, /prometheus\.googleapis\.com\/[a-z_]+\/(counter|gauge|histogram)/)
    }
  })

  it('of every policy but those about the sidecar is a valid policy', () => {
    const translations = policies.flatMap(({ id, document }) => {
      const translated = toGmpAlertPolicy(document)
      return translated ? [{ id, translated }] : []
    })
    for (const { id, translated } of translations) assert.doesNotThrow(() => readAlertPolicy(translated), id)
    assert.ok(translations.length > 0 && translations.length < policies.length)
  })
})

describe('the translation to PromQL', () => {
  it('of every dashboard is accepted, returned unchanged, and shows generated data', () => {
    const folder = mkdtempSync(join(tmpdir(), 'promql-dashboards-'))
    try {
      for (const { id, document } of dashboards) {
        writeFileSync(join(folder, `${id}.json`), JSON.stringify(toPromqlDashboard(document)))
      }
      const command = join(rootDir, 'libs/cloud-emulator/bin/cloud-emulator.js')
      const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'check', folder], { encoding: 'utf8' })
      assert.equal(status, 0, stdout + stderr)
      assert.match(stdout, /, 0 say what can't be drawn/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('the emulator in a cluster', () => {
  for (const [folder, documents] of [
    ['dashboards', () => dashboards],
    ['alerts', () => policies],
  ] as const) {
    it(`gets every file of ${folder}`, async () => {
      const text = await readFile(new URL(`../../${folder}/kustomization.yaml`, import.meta.url), 'utf8')
      const [generator] = parse(text).configMapGenerator
      assert.deepEqual(
        generator.files,
        documents().map(({ id }) => `${id}.json`),
      )
    })
  }
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
      const forSome = minutes === 0 ? '' : ` for ${minutes} min`
      const row = `| [${id}](${id}.json) | ${document.severity} | ${condition?.displayName}${forSome} |`
      assert.ok(text.includes(row), row)
    }
  })

  it('links every dashboard and shows its picture, which exists', async () => {
    const text = await read('dashboards')
    for (const { id } of dashboards) {
      assert.ok(text.includes(`[${id}](${id}.json)`), id)
      const picture = new URL(`../../../docs/images/dashboard-${id}.png`, import.meta.url)
      assert.ok(text.includes(`../../docs/images/dashboard-${id}.png`), id)
      assert.ok((await stat(picture)).size < 200_000, id)
    }
  })
})
