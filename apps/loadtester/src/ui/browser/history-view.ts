import type { RunListing, RunReport, TimelinePoint } from '../../contract/run-report.ts'
import { api, messageOf } from './api.ts'
import { button, card, element, replace } from './element.ts'
import { formatCount, formatDuration, formatMoment, formatMs, formatPercent, formatRate } from './format.ts'
import { LineChart } from './line-chart.ts'
import { type Column, numberColumn, table } from './table.ts'

/** Finished runs, and a comparison of two of them. */
export class HistoryView {
  readonly root = element('div', { class: 'stack' })
  readonly #chosen = new Set<string>()
  #charts: LineChart[] = []

  /** Reloads the history. */
  async update(): Promise<void> {
    try {
      this.#render(await api.runs())
    } catch (error) {
      replace(this.root, element('p', { class: 'notice bad', text: messageOf(error) }))
    }
  }

  async recolor(): Promise<void> {
    await Promise.all(this.#charts.map((chart) => chart.rebuild()))
  }

  #render(runs: readonly RunListing[]): void {
    const comparison = element('div', { class: 'stack' })
    const compare = button('Compare two', () => void this.#compare(runs, comparison))
    const ready = (): void => {
      compare.disabled = this.#chosen.size !== 2
    }
    ready()
    const columns: readonly Column<RunListing>[] = [
      {
        title: '',
        cell: (run) =>
          element('input', {
            attributes: {
              type: 'checkbox',
              'aria-label': `Compare ${run.script} of ${formatMoment(run.startedMs)}`,
              checked: this.#chosen.has(run.id) ? '' : undefined,
            },
            on: {
              change: () => {
                if (!this.#chosen.delete(run.id)) this.#chosen.add(run.id)
                ready()
              },
            },
          }),
      },
      { title: 'Started', cell: (run) => formatMoment(run.startedMs) },
      { title: 'Script', cell: (run) => run.script, className: 'name' },
      {
        title: 'Result',
        cell: (run) =>
          element('span', {
            class: `pill ${run.verdict === 'passed' ? 'good' : run.verdict === 'failed' ? 'bad' : ''}`,
            text: run.verdict,
          }),
      },
      numberColumn('Duration', (run) => run.durationSeconds, formatDuration),
      numberColumn('Requests', (run) => run.requests, formatCount),
      numberColumn('Failed', failedShare, formatPercent),
      numberColumn('Arrivals per second', (run) => run.achievedRate, formatRate),
      numberColumn('p50', (run) => run.p50, formatMs),
      numberColumn('p95', (run) => run.p95, formatMs),
      numberColumn('p99', (run) => run.p99, formatMs),
      {
        title: '',
        cell: (run) => element('a', { text: 'report', attributes: { href: `/api/runs/${run.id}/report.html` } }),
      },
      {
        title: '',
        cell: (run) => button('Delete', () => this.#delete(run), 'quiet'),
      },
    ]
    replace(
      this.root,
      element(
        'section',
        { class: 'card' },
        element('div', { class: 'split' }, element('h2', { text: 'History' }), runs.length > 1 && compare),
        runs.length === 0
          ? element('p', { class: 'empty', text: 'No test has finished yet. Finished tests are kept here.' })
          : table(columns, runs, { caption: 'History' }),
      ),
      comparison,
    )
  }

  #delete({ id }: RunListing): void {
    this.#chosen.delete(id)
    void api.removeRun(id).then(() => this.update())
  }

  async #compare(runs: readonly RunListing[], place: HTMLElement): Promise<void> {
    // The older run is the baseline.
    const [newer, older] = runs.filter((run) => this.#chosen.has(run.id))
    if (newer === undefined || older === undefined) return
    const [a, b] = await Promise.all([api.run(older.id), api.run(newer.id)])
    for (const chart of this.#charts) chart.dispose()
    const charts = [
      compareChart('Response time, p95', a, b, (point) => point.p95, formatMs),
      compareChart('Requests per second', a, b, (point) => point.requests, formatRate),
    ]
    this.#charts = charts
    replace(place, compareTable(a, b), element('div', { class: 'charts' }, ...charts.map((chart) => chart.root)))
    place.scrollIntoView({ block: 'nearest' })
  }
}

interface ComparedFigure {
  readonly title: string
  readonly a: number
  readonly b: number
  readonly format: (value: number) => string
  /** Undefined if neither less nor more is better. */
  readonly lessIsBetter: boolean | undefined
}

function compareTable(a: RunReport, b: RunReport): HTMLElement {
  const figures: readonly ComparedFigure[] = [
    { title: 'Requests', a: a.requests, b: b.requests, format: formatCount, lessIsBetter: undefined },
    { title: 'Requests per second', a: a.total.rate, b: b.total.rate, format: formatRate, lessIsBetter: undefined },
    { title: 'Failed', a: failedShare(a), b: failedShare(b), format: formatPercent, lessIsBetter: true },
    ...(['p50', 'p90', 'p95', 'p99', 'max'] as const).map((name) => ({
      title: name,
      a: a.latencyMs[name],
      b: b.latencyMs[name],
      format: formatMs,
      lessIsBetter: true,
    })),
    { title: 'Start lag p99', a: a.lagMs.p99, b: b.lagMs.p99, format: formatMs, lessIsBetter: true },
  ]
  const columns: readonly Column<ComparedFigure>[] = [
    { title: 'Figure', cell: (row) => row.title },
    { title: formatMoment(a.startedMs), cell: (row) => row.format(row.a), className: 'number' },
    { title: formatMoment(b.startedMs), cell: (row) => row.format(row.b), className: 'number' },
    { title: 'Change', cell: change, className: 'number' },
  ]
  return card('Comparison', table(columns, figures, { caption: 'Comparison' }))
}

function failedShare({ requests, failures }: { readonly requests: number; readonly failures: number }): number {
  return requests === 0 ? 0 : failures / requests
}

function change({ a, b, lessIsBetter }: ComparedFigure): HTMLElement {
  if (a === 0) return element('span', { text: b === 0 ? '0 %' : '–' })
  const share = b / a - 1
  const text = `${share > 0 ? '+' : share < 0 ? '−' : ''}${formatPercent(Math.abs(share))}`
  const judged =
    lessIsBetter === undefined || Math.abs(share) < 0.02 ? '' : share < 0 === lessIsBetter ? 'better' : 'worse'
  return element('span', { class: judged, text })
}

function compareChart(
  title: string,
  a: RunReport,
  b: RunReport,
  read: (point: TimelinePoint) => number,
  format: (value: number) => string,
): LineChart {
  const chart = new LineChart({
    title,
    note: 'by seconds since the start',
    sync: 'comparison',
    elapsed: true,
    lines: [
      { label: formatMoment(a.startedMs), color: '--soft', format, dash: [6, 4] },
      { label: formatMoment(b.startedMs), color: '--line-1', format },
    ],
  })
  const bySecond = (run: RunReport): Map<number, number> =>
    new Map(run.timeline.map((point) => [Math.round((point.atMs - (run.timeline[0]?.atMs ?? 0)) / 1000), read(point)]))
  const older = bySecond(a)
  const newer = bySecond(b)
  const seconds = [...new Set([...older.keys(), ...newer.keys()])].sort((x, y) => x - y)
  chart.setData(seconds, [
    seconds.map((second) => older.get(second) ?? null),
    seconds.map((second) => newer.get(second) ?? null),
  ])
  return chart
}
