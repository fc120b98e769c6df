import { html, nothing, render } from '@node-to-cloud/browser-kit/browser/view'
import { formatMoment } from '@node-to-cloud/browser-kit/format/time'
import type { RunListing, RunReport } from '../../../contract/run-report.ts'
import { api, messageOf } from '../api.ts'
import { comparedRuns, historyAddress, toggleComparedRun } from '../compared-runs.ts'
import { openDialog } from '../forms/dialog.ts'
import type { LineChart } from '../line-chart.ts'
import { comparisonCharts } from './comparison-charts.ts'
import { historyTable, listingOf } from './history-table.ts'
import { comparisonView } from './run-comparison.ts'

/** The runs, the present one included, and a comparison of the two that the address names. */
export class HistoryView {
  readonly root = document.createElement('div')
  #runs: readonly RunListing[] = []
  #current: RunReport | undefined
  #compared: readonly [RunReport, RunReport] | undefined
  #charts: readonly LineChart[] = []
  #problem = ''
  #updates = 0

  constructor() {
    this.root.className = 'stack'
  }

  /** Reads the history, and the compared runs, again. A later call takes precedence over one that is still reading. */
  async update(current: RunReport | undefined): Promise<void> {
    this.#updates += 1
    const update = this.#updates
    this.#current = current
    let compared: readonly [RunReport, RunReport] | undefined
    let problem = ''
    try {
      const finished = await api.runs()
      const isRunning = current !== undefined && current.endedMs === undefined
      this.#runs = isRunning ? [listingOf(current), ...finished.filter(({ id }) => id !== current.id)] : finished
      compared = await this.#readCompared()
    } catch (error) {
      problem = messageOf(error)
    }
    if (update !== this.#updates) return
    this.#problem = problem
    this.#show(compared)
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

  async #readCompared(): Promise<readonly [RunReport, RunReport] | undefined> {
    const ids = comparedRuns(location.hash)
    if (ids.length !== 2) return undefined
    const runs = await Promise.all(ids.map((id) => (this.#current?.id === id ? this.#current : api.run(id))))
    const [a, b] = runs.sort((one, other) => one.startedMs - other.startedMs)
    return a === undefined || b === undefined ? undefined : [a, b]
  }

  #show(compared: readonly [RunReport, RunReport] | undefined): void {
    for (const chart of this.#charts) chart.dispose()
    this.#compared = compared
    this.#charts = compared === undefined ? [] : comparisonCharts(...compared)
  }

  #render(): void {
    render(
      html`${this.#problem === '' ? nothing : html`<p class="notice bad" role="alert">${this.#problem}</p>`}
        <section class="card">
          <div class="split">
            <h2>History</h2>
            <small class="about">Choose two runs to compare them; the URL keeps the choice.</small>
          </div>
          ${historyTable(this.#runs, {
            chosen: comparedRuns(location.hash),
            onToggle: (id) => {
              location.hash = historyAddress(toggleComparedRun(comparedRuns(location.hash), id))
            },
            onDelete: (run) => this.#askToDelete(run),
          })}
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

  async #remove(id: string): Promise<void> {
    try {
      await api.removeRun(id)
      await this.update(this.#current)
    } catch (error) {
      this.#problem = messageOf(error)
      this.#render()
    }
  }

  #askToDelete({ id, script, startedMs }: RunListing): void {
    openDialog('Delete this run?', (close) => {
      const remove = (): void => {
        close()
        location.hash = historyAddress(comparedRuns(location.hash).filter((one) => one !== id))
        void this.#remove(id)
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
