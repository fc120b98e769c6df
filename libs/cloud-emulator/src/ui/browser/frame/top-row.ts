import type { Theme } from '@node-to-cloud/browser-kit/browser/theme'
import { html, ifDefined, nothing, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { timeZoneName } from '@node-to-cloud/browser-kit/format/time'
import { formatCount, formatValue } from '@node-to-cloud/browser-kit/format/value'
import type { Summary } from '../../../contract/summary.ts'
import type { AppContext } from '../app-context.ts'
import { formatTimeRange, OFFERED_RANGES } from '../range/time-range.ts'
import { PAGES, type PageName } from '../route.ts'
import { countUnacknowledged } from '../writes/acknowledged.ts'
import { PAGE_TITLES } from './page-titles.ts'

/** The available refresh intervals in seconds; 0 is off. */
export const REFRESH_CHOICES: readonly number[] = [5, 10, 30, 60, 0]

const THEME_ICONS: Readonly<Record<Theme, string>> = { system: '◐', light: '☀', dark: '☾' }
const THEME_NAMES: Readonly<Record<Theme, string>> = { system: 'as the system', light: 'light', dark: 'dark' }

/** The actions of the frame on the pages. */
export interface ShellHost extends AppContext {
  refreshSeconds(): number
  refreshNow(): void
  switchTheme(): void
  openProject(project: string): void
}

export interface TopRowOptions {
  readonly theme: Theme
  readonly busy: boolean
  readonly rangeField: unknown
  readonly toggleHelp: () => void
}

/** The header of every page: navigation, project, time range and settings. */
export function topRow(app: ShellHost, options: TopRowOptions): TemplateResult {
  const { page } = app.route()
  const summary = app.summary()
  const link = (name: PageName): TemplateResult =>
    html`<a class="nav-link" href=${app.link(name)} aria-current=${ifDefined(name === page ? 'page' : undefined)}
      >${PAGE_TITLES[name]}${badgeView(name, summary)}</a
    >`
  return html`<div class="top-row">
    <a class="brand" href="#/dashboards"><img src="/assets/icon.svg" width="24" height="24" alt="" /><span>cloud-emulator</span></a>
    <nav class="nav" aria-label="Pages">${PAGES.map(link)}</nav>
    ${stateView(app, summary)} ${controlsView(app, options)}
  </div>`
}

function stateView(app: ShellHost, summary: Summary | undefined): TemplateResult {
  const perSecond = summary?.pointsPerSecond ?? 0
  return html`<div class="top-state">
    ${summary === undefined ? nothing : projectView(app, summary)}
    <span class="zone" title="The time zone of all times on this page">${timeZoneName()}</span>
    <span class="live"
      ><span class=${perSecond > 0 ? 'pulse pulse-on' : 'pulse'} aria-hidden="true"></span
      ><span class="rate" title="Points written per second over the last minute"
        >${summary === undefined ? '' : `${formatValue(perSecond)} points/s`}</span
      ></span
    >
  </div>`
}

function projectView(app: ShellHost, summary: Summary): TemplateResult {
  const chosen = app.route().parameters.project || summary.project
  const names = [...new Set([...summary.projects, summary.project, chosen])].sort()
  if (names.length < 2) return html`<span class="project-name">${chosen}</span>`
  const choose = ({ target }: Event): void => {
    if (target instanceof HTMLSelectElement) app.openProject(target.value)
  }
  return html`<select class="select project" aria-label="Project" @change=${choose}>
    ${names.map((name) => html`<option value=${name} .selected=${name === chosen}>${name}</option>`)}
  </select>`
}

function controlsView(app: ShellHost, { theme, busy, rangeField, toggleHelp }: TopRowOptions): TemplateResult {
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
    <div class="segments" role="group" aria-label="Time range presets">${OFFERED_RANGES.map(range)}</div>
    ${rangeField} ${refreshView(app)}
    <button type="button" class="button icon-button ${busy ? 'busy' : ''}" title="Refresh now (r)" aria-label="Refresh now" @click=${() => app.refreshNow()}>↻</button>
    <button type="button" class="button icon-button" title="Theme: ${THEME_NAMES[theme]}. Switch (t)" aria-label="Theme: ${THEME_NAMES[theme]}" @click=${() => app.switchTheme()}>${THEME_ICONS[theme]}</button>
    <button type="button" class="button icon-button help-button" title="Keyboard shortcuts (?)" aria-label="Keyboard shortcuts" @click=${toggleHelp}>?</button>
  </div>`
}

function refreshView(app: ShellHost): TemplateResult {
  const chosen = app.refreshSeconds()
  const choose = ({ target }: Event): void => {
    if (target instanceof HTMLSelectElement) app.setParameters({ refresh: target.value }, { replace: true })
  }
  const text = (seconds: number): string => (seconds === 0 ? 'Paused' : seconds < 60 ? `${seconds} s` : '1 min')
  return html`<select class="select" aria-label="Refresh every" @change=${choose}>
    ${REFRESH_CHOICES.map((seconds) => html`<option value=${seconds} .selected=${seconds === chosen}>${text(seconds)}</option>`)}
  </select>`
}

/** The number of items that need attention on a page. */
function badgeView(page: PageName, summary: Summary | undefined): TemplateResult | typeof nothing {
  if (summary === undefined) return nothing
  const count = page === 'alerts' ? summary.openIncidents : page === 'writes' ? countUnacknowledged(summary) : 0
  if (count === 0) return nothing
  const title =
    page === 'alerts' ? `${formatCount(count)} open ${plural(count, 'incident')}` : `${formatCount(count)} rejected`
  return html`<span class="badge" title=${title}>${formatValue(count)}</span>`
}

/** Problems, and a notice if faults are being injected. */
export function noticesView(problem: string, summary: Pick<Summary, 'faults'> | undefined): TemplateResult {
  const faults = summary?.faults.length ?? 0
  const injected = faults === 1 ? 'A fault is being injected' : `${faults} faults are being injected`
  return html`${problem === '' ? nothing : html`<div class="problem" role="alert">${problem}</div>`}
  ${
    faults === 0
      ? nothing
      : html`<div class="problem problem-notice" role="status">${injected}: some calls are rejected, delayed or lost on purpose.</div>`
  }`
}
