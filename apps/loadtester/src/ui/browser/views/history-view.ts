import { type Column, numberColumn, table } from '@node-to-cloud/browser-kit/browser/table'
import { html, nothing, render, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatDuration } from '@node-to-cloud/browser-kit/format/duration'
import { formatMoment } from '@node-to-cloud/browser-kit/format/time'
import { formatCount, formatDurationMs, formatPercent, formatRate } from '@node-to-cloud/browser-kit/format/value'
import type { RunListing, RunReport } from '../../../contract/run-report.ts'
import { api, messageOf } from '../api.ts'
import { comparedRuns, historyAddress } from '../compared-runs.ts'
import { openDialog } from '../dialog.ts'
import type { LineChart } from '../line-chart.ts'
import { comparisonCharts, comparisonView, failedShare } from './run-comparison.ts'

/** The runs, the present one included, and a comparison of the two that the address names. */
export class HistoryView {
  readonly root = document.createElement('div')
  #runs: readonly RunListing[] = []
  #current: RunReport | undefined
  #compared: readonly [RunReport, RunReport] | undefined
  #charts: readonly LineChart[] = []
  #problem = ''

  constructor() {
    this.root.className = 'stack'
  }

  /** Reads the history, and the compared runs, anew. */
  async update(current: RunReport | undefined): Promise<void> {
    try {
      this.#problem = ''
      this.#current = current
      const finished = await api.runs()
      const isRunning = current !== undefined && current.endedMs === undefined
      this.#runs = isRunning ? [listingOf(current), ...finished.filter(({ id }) => id !== current.id)] : finished
      await this.#compare()
    } catch (error) {
      this.#problem = messageOf(error)
    }
    this.#render()
  }

  /** Shows the figures of the present run as they are now. */
  updateCurrent(current: RunReport | undefined): void {
    this.#current = current
    const [a, b] = this.#compared ?? []
    if (current === undefined || a === undefined || b === undefined || current.id !== b.id) return
    this.#compared = [a, current]
    this.#render()
  }

  async #compare(): Promise<void> {
    for (const chart of this.#charts) chart.dispose()
    this.#charts = []
    this.#compared = undefined
    const ids = comparedRuns(location.hash)
    if (ids.length !== 2) return
    const runs = await Promise.all(ids.map((id) => (this.#current?.id === id ? this.#current : api.run(id))))
    const [a, b] = runs.sort((one, other) => one.startedMs - other.startedMs)
    if (a === undefined || b === undefined) return
    this.#compared = [a, b]
    this.#charts = comparisonCharts(a, b)
  }

  #render(): void {
    const chosen = comparedRuns(location.hash)
    render(
      html`${this.#problem === '' ? nothing : html`<p class="notice bad" role="alert">${this.#problem}</p>`}
        <section class="card">
          <div class="split">
            <h2>History</h2>
            <small class="about">Two chosen runs are compared; the address keeps the choice.</small>
          </div>
          ${
            this.#runs.length === 0
              ? html`<p class="empty">No test has finished yet. Finished tests are kept here.</p>`
              : table(this.#columns(chosen), this.#runs, { caption: 'History', key: ({ id }) => id })
          }
        </section>
        ${
          this.#compared === undefined
            ? nothing
            : html`${comparisonView(...this.#compared)}
                <div class="charts">${this.#charts.map(({ root }) => root)}</div>`
        }`,
      this.root,
    )
  }

  #columns(chosen: readonly string[]): readonly Column<RunListing>[] {
    return [
      { title: '', cell: (run) => chooseBox(run, chosen) },
      { title: 'Started', cell: (run) => formatMoment(run.startedMs) },
      { title: 'Script', cell: (run) => run.script, className: 'name' },
      { title: 'Result', cell: resultPill },
      numberColumn('Duration', (run) => run.durationSeconds, formatDuration),
      numberColumn('Requests', (run) => run.requests, formatCount),
      numberColumn('Failed', failedShare, formatPercent),
      numberColumn('Arrivals per second', (run) => run.achievedRate, formatRate),
      numberColumn('p50', (run) => run.p50, formatDurationMs),
      numberColumn('p95', (run) => run.p95, formatDurationMs),
      numberColumn('p99', (run) => run.p99, formatDurationMs),
      { title: '', cell: ({ id }) => html`<a href="/api/runs/${id}/report.html">Report</a>` },
      {
        title: '',
        cell: (run) =>
          run.endedMs === undefined
            ? ''
            : html`<button type="button" class="quiet" @click=${() => this.#askToDelete(run)}>Delete</button>`,
      },
    ]
  }

  #askToDelete({ id, script, startedMs }: RunListing): void {
    openDialog('Delete this run?', (close) => {
      const remove = (): void => {
        close()
        location.hash = historyAddress(comparedRuns(location.hash).filter((one) => one !== id))
        void api.removeRun(id).then(() => this.update(this.#current))
      }
      return html`<div class="form">
        <p>The run of ${script} that started at ${formatMoment(startedMs)} is removed with its report.</p>
        <div class="actions">
          <button type="button" @click=${close}>Cancel</button>
          <button type="button" class="danger" @click=${remove}>Delete</button>
        </div>
      </div>`
    })
  }
}

function chooseBox(run: RunListing, chosen: readonly string[]): TemplateResult {
  const toggle = (): void => {
    const others = chosen.filter((id) => id !== run.id)
    location.hash = historyAddress(chosen.includes(run.id) ? others : [...others.slice(-1), run.id])
  }
  return html`<input
    type="checkbox"
    aria-label="Compare ${run.script} of ${formatMoment(run.startedMs)}"
    .checked=${chosen.includes(run.id)}
    @change=${toggle}
  />`
}

function resultPill({ endedMs, state, verdict }: RunListing): TemplateResult {
  const kind = endedMs === undefined ? '' : verdict === 'passed' ? 'good' : verdict === 'failed' ? 'bad' : ''
  return html`<span class="pill ${kind}">${endedMs === undefined ? state : verdict}</span>`
}

/** The present run as a line of the history. */
function listingOf(run: RunReport): RunListing {
  const { p50, p95, p99 } = run.latencyMs
  return { ...run, p50, p95, p99 }
}
