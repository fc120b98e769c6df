import { html, nothing, render, repeat, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatCount, formatRate } from '@node-to-cloud/browser-kit/format/value'
import type { RefusalList } from '../../../contract/refusals.ts'
import type { Summary } from '../../../contract/summary.ts'
import type { AppContext, Page } from '../app-context.ts'
import { el } from '../element.ts'
import { codeBlock, emptyState, otherProjects, writerExample } from '../empty-state.ts'
import { type Figure, figuresView } from '../figures.ts'
import { acknowledgeRefusals, countUnacknowledged } from '../writes/acknowledged.ts'
import { reasonsView, refusalView } from '../writes/refusal-views.ts'

const MAX_REFUSALS = 500

function figuresOf(summary: Summary): readonly Figure[] {
  const refused = (title: string, count: number): Figure => ({ title, text: formatCount(count), bad: count > 0 })
  return [
    { title: 'Points accepted', text: formatCount(summary.pointsAccepted) },
    refused('Points rejected', summary.pointsRefused),
    { title: 'Spans accepted', text: formatCount(summary.spansAccepted) },
    refused('Spans rejected', summary.spansRefused),
    { title: 'Log entries accepted', text: formatCount(summary.entriesAccepted) },
    refused('Log entries rejected', summary.entriesRefused),
    { title: 'Points per second', text: formatRate(summary.pointsPerSecond) },
    { title: 'Series stored', text: formatCount(summary.series) },
    { title: 'Points stored', text: formatCount(summary.points) },
  ]
}

/** Shows how many points, spans and log entries were accepted, and which were rejected and why. */
export class WritesPage implements Page {
  readonly element = el('div', { class: 'page writes-page' })
  readonly #app: AppContext

  constructor(app: AppContext) {
    this.#app = app
  }

  async refresh(signal: AbortSignal): Promise<void> {
    const app = this.#app
    const [found, summary] = await Promise.all([app.api.refusals(MAX_REFUSALS, signal), app.api.summary(signal)])
    this.#draw(found, summary)
  }

  #draw(found: RefusalList, summary: Summary): void {
    const app = this.#app
    const chosen = app.route().parameters.reason ?? ''
    const onChoose = (reason: string): void => app.setParameters({ reason })
    render(
      html`${figuresView(figuresOf(summary))} ${this.#acknowledgement(found, summary)}
        ${reasonsView(found, { chosen, nowMs: app.nowMs(), onChoose })}
        <div class="refusal-log">
          ${found.refusals.length > 0 ? this.#refusals(found, chosen) : this.#nothing(summary)}
        </div>`,
      this.element,
    )
  }

  #acknowledgement(found: RefusalList, summary: Summary): TemplateResult | typeof nothing {
    const unseen = countUnacknowledged(summary)
    if (unseen === 0) return nothing
    const acknowledge = (): void => {
      acknowledgeRefusals(summary)
      this.#draw(found, summary)
      this.#app.summaryChanged()
    }
    return html`<p class="acknowledge">
      ${formatCount(unseen)} refused and not acknowledged.
      <button type="button" class="button button-small" @click=${acknowledge}>Acknowledge</button>
    </p>`
  }

  #refusals({ refusals, total }: RefusalList, chosen: string): TemplateResult {
    const shown = refusals.filter((refusal) => chosen === '' || refusal.reason === chosen)
    const cut =
      shown.length < total ? html`<span class="muted"> ${shown.length} of ${formatCount(total)}</span>` : nothing
    const key = ({ id }: { readonly id: number }): number => id
    return html`<h2 class="list-title">
        ${chosen === '' ? 'Newest rejections' : 'Newest rejections with this reason'}${cut}
      </h2>
      ${repeat(shown, key, (refusal) => refusalView(refusal, this.#app.nowMs()))}`
  }

  #nothing({ points, spans }: Summary): TemplateResult {
    const others = otherProjects(this.#app, 'writes')
    if (points + spans > 0)
      return emptyState(
        'Nothing has been rejected',
        html`${others}
          <p>No write to this project has broken a rule of Cloud Monitoring or Cloud Trace.</p>`,
      )
    return emptyState(
      'Nothing has been written yet',
      html`${others}
        <p>Start the whole pipeline:</p>
        ${codeBlock('npm start')}
        <p>or write with a client of your own:</p>
        ${codeBlock(writerExample(this.#app.summary()))}`,
    )
  }

  destroy(): void {}
}
