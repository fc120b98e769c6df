import type { Theme } from '@node-to-cloud/browser-kit/browser/theme'
import { html, ifDefined, nothing, render, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { timeZoneName } from '@node-to-cloud/browser-kit/format/time'
import { formatCount, formatValue } from '@node-to-cloud/browser-kit/format/value'
import type { Summary } from '../../../contract/summary.ts'
import type { AppContext } from '../app-context.ts'
import { el } from '../element.ts'
import { formatTimeRange, OFFERED_RANGES } from '../range/time-range.ts'
import { PAGES, type PageName } from '../route.ts'
import { unseenRefusals } from '../writes/acknowledged.ts'
import { HelpDialog } from './help-dialog.ts'
import { PAGE_TITLES, titleOf } from './page-titles.ts'
import { createRangeField } from './range-field.ts'

/** The refresh intervals on offer, in seconds; 0 is off. */
export const REFRESH_CHOICES: readonly number[] = [5, 10, 30, 60, 0]

const THEME_ICONS: Readonly<Record<Theme, string>> = { system: '◐', light: '☀', dark: '☾' }
const THEME_NAMES: Readonly<Record<Theme, string>> = { system: 'as the system', light: 'light', dark: 'dark' }

/** What the frame does with the pages. */
export interface ShellHost extends AppContext {
  refreshSeconds(): number
  refreshNow(): void
  turnTheme(): void
  openProject(project: string): void
}

/** What the frame shows besides what its host knows. */
interface ShellState {
  readonly theme: Theme
  readonly busy: boolean
  /** Empty if there is none. */
  readonly problem: string
}

/** The frame around the pages: navigation, time range, refresh, theme, problems. */
export class Shell {
  readonly #app: ShellHost
  readonly #top = el('header', { class: 'top' })
  readonly #notices = el('div')
  readonly #heading = el('h1', { class: 'visually-hidden' })
  readonly #page = el('div')
  readonly #main = el('main', { id: 'main', tabindex: '-1' }, this.#heading, this.#page)
  readonly #help = new HelpDialog()
  readonly #rangeField: ReturnType<typeof createRangeField>
  #state: ShellState = { theme: 'system', busy: false, problem: '' }

  constructor(app: ShellHost) {
    this.#app = app
    this.#rangeField = createRangeField({
      onRange: (range) => app.setRange(range),
      onRangeReset: () => app.resetRange(),
      nowMs: () => app.nowMs(),
    })
    const skip = (event: Event): void => {
      event.preventDefault()
      this.#main.focus()
    }
    const skipLink = el('a', { class: 'skip', href: '#main', onclick: skip }, 'Skip to content')
    document.body.append(skipLink, this.#top, this.#notices, this.#main, this.#help.element)
  }

  /** Shows the content of a page. */
  showPage(element: HTMLElement): void {
    this.#page.replaceChildren(element)
  }

  toggleHelp(): void {
    this.#help.toggle()
  }

  /** Draws the frame anew, with what has changed. */
  show(changes: Partial<ShellState>): void {
    this.#state = { ...this.#state, ...changes }
    const route = this.#app.route()
    const title = titleOf(route)
    document.title = `${title} · cloud-emulator`
    if (this.#heading.textContent !== title) this.#heading.textContent = title
    document.body.dataset.page = route.page
    this.#rangeField.show(this.#app.range())
    render(this.#topRow(), this.#top)
    render(this.#noticesView(), this.#notices)
  }

  #topRow(): TemplateResult {
    const { page } = this.#app.route()
    const summary = this.#app.summary()
    const link = (name: PageName): TemplateResult =>
      html`<a class="nav-link" href=${this.#app.link(name)} aria-current=${ifDefined(name === page ? 'page' : undefined)}
        >${PAGE_TITLES[name]}${badgeView(name, summary)}</a
      >`
    return html`<div class="top-row">
      <a class="brand" href="#/dashboards"><img src="/assets/icon.svg" width="24" height="24" alt="" /><span>cloud-emulator</span></a>
      <nav class="nav" aria-label="Pages">${PAGES.map(link)}</nav>
      ${this.#stateView(summary)} ${this.#controls()}
    </div>`
  }

  #stateView(summary: Summary | undefined): TemplateResult {
    const perSecond = summary?.pointsPerSecond ?? 0
    return html`<div class="top-state">
      ${summary === undefined ? nothing : this.#projectView(summary)}
      <span class="zone" title="The time zone of all clocks here">${timeZoneName()}</span>
      <span class="live"
        ><span class=${perSecond > 0 ? 'pulse pulse-on' : 'pulse'} aria-hidden="true"></span
        ><span class="rate" title="Points written per second over the last minute"
          >${summary === undefined ? '' : `${formatValue(perSecond)} points/s`}</span
        ></span
      >
    </div>`
  }

  #projectView(summary: Summary): TemplateResult {
    const chosen = this.#app.route().parameters.project || summary.project
    const names = [...new Set([...summary.projects, summary.project, chosen])].sort()
    if (names.length < 2) return html`<span class="project-name">${chosen}</span>`
    const choose = ({ target }: Event): void => {
      if (target instanceof HTMLSelectElement) this.#app.openProject(target.value)
    }
    return html`<select class="select project" aria-label="Project" @change=${choose}>
      ${names.map((name) => html`<option value=${name} .selected=${name === chosen}>${name}</option>`)}
    </select>`
  }

  #controls(): TemplateResult {
    const app = this.#app
    const { theme, busy } = this.#state
    const chosen = formatTimeRange(app.range())
    const range = ({ text, seconds, label }: (typeof OFFERED_RANGES)[number]): TemplateResult =>
      html`<button
        type="button"
        class="segment"
        data-range=${text}
        aria-pressed=${String(text === chosen)}
        @click=${() => app.setRange({ kind: 'last', seconds })}
      >
        ${label}
      </button>`
    return html`<div class="controls">
      <div class="segments" role="group" aria-label="Offered time ranges">${OFFERED_RANGES.map(range)}</div>
      ${this.#rangeField.element} ${this.#refreshView()}
      <button type="button" class="button icon-button ${busy ? 'busy' : ''}" title="Refresh now (r)" aria-label="Refresh now" @click=${() => app.refreshNow()}>↻</button>
      <button type="button" class="button icon-button" title="Theme: ${THEME_NAMES[theme]}; switches it (t)" aria-label="Theme: ${THEME_NAMES[theme]}" @click=${() => app.turnTheme()}>${THEME_ICONS[theme]}</button>
      <button type="button" class="button icon-button help-button" title="Keyboard shortcuts (?)" aria-label="Keyboard shortcuts" @click=${() => this.toggleHelp()}>?</button>
    </div>`
  }

  #refreshView(): TemplateResult {
    const chosen = this.#app.refreshSeconds()
    const choose = ({ target }: Event): void => {
      if (target instanceof HTMLSelectElement) this.#app.setParameters({ refresh: target.value }, { replace: true })
    }
    const text = (seconds: number): string => (seconds === 0 ? 'Paused' : seconds < 60 ? `${seconds} s` : '1 min')
    return html`<select class="select" aria-label="Refresh every" @change=${choose}>
      ${REFRESH_CHOICES.map((seconds) => html`<option value=${seconds} .selected=${seconds === chosen}>${text(seconds)}</option>`)}
    </select>`
  }

  #noticesView(): TemplateResult {
    const { problem } = this.#state
    const faults = this.#app.summary()?.faults.length ?? 0
    const injected = faults === 1 ? 'A fault is being injected' : `${faults} faults are being injected`
    return html`${problem === '' ? nothing : html`<div class="problem" role="alert">${problem}</div>`}
    ${
      faults === 0
        ? nothing
        : html`<div class="problem problem-notice" role="status">${injected}: some calls are refused, slow or lost on purpose.</div>`
    }`
  }
}

/** The number of what needs attention on a page. */
function badgeView(page: PageName, summary: Summary | undefined): TemplateResult | typeof nothing {
  if (summary === undefined) return nothing
  const count = page === 'alerts' ? summary.openIncidents : page === 'writes' ? unseenRefusals(summary) : 0
  if (count === 0) return nothing
  const title = page === 'alerts' ? `${formatCount(count)} open incidents` : `${formatCount(count)} refused`
  return html`<span class="badge" title=${title}>${formatValue(count)}</span>`
}
