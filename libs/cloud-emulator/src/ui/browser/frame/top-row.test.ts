import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { listenersOf, markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import type { Summary } from '../../../contract/summary.ts'
import { noticesView, type ShellHost, topRow } from './top-row.ts'

const SUMMARY = {
  project: 'p',
  projects: ['p'],
  startedMs: 1,
  pointsPerSecond: 0,
  openIncidents: 0,
  pointsRefused: 0,
  spansRefused: 0,
  entriesRefused: 0,
  faults: [],
}

function show(summary: object | undefined, parameters: Record<string, string> = {}) {
  const calls: unknown[] = []
  const app: Partial<ShellHost> = {
    route: () => ({ page: 'metrics', parameters }),
    // The row uses only these parts of a summary.
    summary: () => summary && ({ ...SUMMARY, ...summary } as unknown as Summary),
    link: (page) => `#/${page}`,
    range: () => ({ kind: 'last', seconds: 900 }),
    refreshSeconds: () => 10,
    setRange: (range) => calls.push(range),
    refreshNow: () => calls.push('refresh'),
    switchTheme: () => calls.push('theme'),
  }
  const options = { theme: 'dark' as const, busy: true, rangeField: 'FIELD', toggleHelp: () => calls.push('help') }
  // The row uses only these parts of it.
  return { view: topRow(app as ShellHost, options), calls }
}

describe('the header of every page', () => {
  const cases: [what: string, summary: object | undefined, text: RegExp][] = [
    [
      'before there is a summary',
      undefined,
      /^cloud-emulator Dashboards ?Metrics ?Traces ?Logs ?Alerts ?Writes \S+ 5 min/,
    ],
    [
      'of one project',
      {},
      /Writes p \S+ ?0 points\/s 5 min 15 min 1 h 3 h 6 h FIELD 5 s ?10 s ?30 s ?1 min ?Paused ↻ ☾ \?$/,
    ],
    ['of several projects', { projects: ['q', 'p'], pointsPerSecond: 12_345 }, /Writes p ?q \S+ ?12\.3 k points\/s/],
    ['with items that need attention', { openIncidents: 2, pointsRefused: 1500 }, /Alerts ?2 ?Writes ?1\.5 k/],
  ]
  for (const [what, summary, text] of cases) test(what, () => assert.match(textOf(show(summary).view), text))

  test('marks the page and the range', () => {
    const markup = markupOf(show({}).view)
    assert.match(markup, /href=#\/metrics aria-current=page/)
    assert.match(markup, /data-range=15m\s+aria-pressed=true/)
  })
  test('reacts to clicks', () => {
    const { view, calls } = show({})
    for (const click of listenersOf(view, 'click')) click(new Event('click'))
    assert.deepEqual(calls.slice(-4), [{ kind: 'last', seconds: 21_600 }, 'refresh', 'theme', 'help'])
  })
})

describe('notices', () => {
  const fault = {
    ...{ id: 1, methods: [], code: undefined, message: '', latencyMs: 5, loseAnswer: false },
    ...{ share: 1, seriesShare: 0, untilMs: undefined, hits: 0 },
  }
  const faults = (count: number): Pick<Summary, 'faults'> => ({ faults: Array.from({ length: count }, () => fault) })
  const cases: [problem: string, summary: Pick<Summary, 'faults'> | undefined, text: string][] = [
    ['', undefined, ''],
    ['gone', faults(0), 'gone'],
    ['', faults(1), 'A fault is being injected: some calls are rejected, delayed or lost on purpose.'],
    ['gone', faults(2), 'gone 2 faults are being injected: some calls are rejected, delayed or lost on purpose.'],
  ]
  for (const [problem, summary, text] of cases)
    test(text || 'none', () => assert.equal(textOf(noticesView(problem, summary)), text))
})
