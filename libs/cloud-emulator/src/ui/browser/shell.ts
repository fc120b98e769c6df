import type { Theme } from '@node-to-cloud/browser-kit/browser/theme'
import { timeZoneName } from '@node-to-cloud/browser-kit/format/time'
import { formatCount, formatValue } from '@node-to-cloud/browser-kit/format/value'
import type { Summary } from '../../contract/summary.ts'
import { el, setText } from './element.ts'
import { createRangeField } from './range-field.ts'
import { PAGES, type PageName, type Route } from './route.ts'
import { formatTimeRange, OFFERED_RANGES, type TimeRange } from './time-range.ts'

/** The refresh intervals on offer, in seconds; 0 is off. */
export const REFRESH_CHOICES: readonly number[] = [5, 10, 30, 60, 0]

const PAGE_TITLES: Readonly<Record<PageName, string>> = {
  dashboards: 'Dashboards',
  metrics: 'Metrics',
  traces: 'Traces',
  alerts: 'Alerts',
  logs: 'Logs',
  writes: 'Writes',
}

const THEME_TITLES: Readonly<Record<Theme, string>> = { system: '◐ Auto', light: '☀ Light', dark: '☾ Dark' }

/** What happens in the frame around the pages. */
export interface ShellEvents {
  readonly onRange: (range: TimeRange) => void
  readonly onRangeReset: () => void
  /** The emulator's clock, in epoch milliseconds. */
  readonly nowMs: () => number
  readonly onRefreshSeconds: (seconds: number) => void
  readonly onRefreshNow: () => void
  readonly onTheme: () => void
  readonly onProject: (project: string) => void
}

/** The frame around the pages: navigation, time range, refresh, theme, problems. */
export interface Shell {
  /** Shows the content of a page. */
  showPage(element: HTMLElement): void
  showRoute(route: Route, link: (page: PageName) => string): void
  showRange(range: TimeRange): void
  showSummary(summary: Summary, project: string | undefined): void
  showTheme(theme: Theme): void
  showRefreshSeconds(seconds: number): void
  /** `undefined` if there is none. */
  showProblem(message: string | undefined): void
  showBusy(busy: boolean): void
  toggleHelp(): void
}

const SHORTCUTS: readonly (readonly [string, string])[] = [
  [`1 – ${PAGES.length}`, PAGES.map((page) => PAGE_TITLES[page]).join(', ')],
  ['/', 'Search on this page'],
  ['r', 'Refresh now'],
  ['p', 'Pause, resume'],
  ['- / +', 'Longer, shorter time range'],
  ['Esc', 'Leave the zoom'],
  ['t', 'Switch the theme'],
  ['← → on a chart', 'Read its values'],
  ['?', 'Show these shortcuts'],
]

function helpDialog(): HTMLDialogElement {
  const close = el('button', { type: 'button', class: 'button' }, 'Close')
  const dialog = el(
    'dialog',
    { class: 'dialog', 'aria-label': 'Keyboard shortcuts' },
    el('h2', {}, 'Keyboard shortcuts'),
    el(
      'dl',
      { class: 'keys' },
      ...SHORTCUTS.map(([key, text]) => el('div', {}, el('dt', {}, el('kbd', {}, key)), el('dd', {}, text))),
    ),
    close,
  )
  close.addEventListener('click', () => dialog.close())
  return dialog
}

export function createShell(events: ShellEvents): Shell {
  const links = new Map<PageName, HTMLAnchorElement>()
  const refusedBadge = el('span', { class: 'badge', hidden: true })
  const incidentBadge = el('span', { class: 'badge', hidden: true })
  const badges: { readonly [Name in PageName]?: HTMLElement } = { alerts: incidentBadge, writes: refusedBadge }
  for (const page of PAGES) {
    links.set(page, el('a', { class: 'nav-link' }, PAGE_TITLES[page], badges[page]))
  }
  const project = el('select', { class: 'select project', 'aria-label': 'Project', hidden: true })
  project.addEventListener('change', () => events.onProject(project.value))
  const projectName = el('span', { class: 'project-name' })

  const ranges = el(
    'div',
    { class: 'segments', role: 'group', 'aria-label': 'Time range' },
    ...OFFERED_RANGES.map(({ seconds, label, text }) =>
      el(
        'button',
        {
          type: 'button',
          class: 'segment',
          'data-range': text,
          onclick: () => events.onRange({ kind: 'last', seconds }),
        },
        label,
      ),
    ),
  )
  const rangeField = createRangeField(events)
  const refresh = el(
    'select',
    { class: 'select', 'aria-label': 'Refresh every' },
    ...REFRESH_CHOICES.map((seconds) =>
      el('option', { value: seconds }, seconds === 0 ? 'Paused' : seconds < 60 ? `${seconds} s` : '1 min'),
    ),
  )
  refresh.addEventListener('change', () => events.onRefreshSeconds(Number(refresh.value)))
  const refreshNow = el(
    'button',
    {
      type: 'button',
      class: 'button icon-button',
      title: 'Refresh now (r)',
      'aria-label': 'Refresh now',
      onclick: () => events.onRefreshNow(),
    },
    '↻',
  )
  const theme = el('button', {
    type: 'button',
    class: 'button',
    title: 'Theme: light, dark or system (t)',
    onclick: () => events.onTheme(),
  })
  const help = helpDialog()
  const helpButton = el(
    'button',
    {
      type: 'button',
      class: 'button icon-button',
      title: 'Keyboard shortcuts (?)',
      'aria-label': 'Keyboard shortcuts',
      onclick: () => help.showModal(),
    },
    '?',
  )
  const pulse = el('span', { class: 'pulse', 'aria-hidden': 'true' })
  const rate = el('span', { class: 'rate', title: 'Points written per second over the last minute' })
  const problem = el('div', { class: 'problem', role: 'alert', hidden: true })
  const faults = el('div', { class: 'problem problem-notice', role: 'status', hidden: true })
  const heading = el('h1', { class: 'visually-hidden' })
  const page = el('div')
  const main = el('main', { id: 'main', tabindex: '-1' }, heading, page)

  document.body.append(
    el('a', { class: 'skip', href: '#main', onclick: (event) => skipTo(event, main) }, 'Skip to content'),
    el(
      'header',
      { class: 'top' },
      el(
        'div',
        { class: 'top-row' },
        el(
          'a',
          { class: 'brand', href: '#/dashboards' },
          el('img', { src: '/assets/icon.svg', width: 24, height: 24, alt: '' }),
          el('span', {}, 'cloud-emulator'),
        ),
        el('nav', { class: 'nav', 'aria-label': 'Pages' }, ...links.values()),
        el(
          'div',
          { class: 'top-state' },
          project,
          projectName,
          el('span', { class: 'zone', title: 'The time zone of all clocks here' }, timeZoneName()),
          el('span', { class: 'live' }, pulse, rate),
        ),
        el('div', { class: 'controls' }, ranges, rangeField.element, refresh, refreshNow, theme, helpButton),
      ),
    ),
    problem,
    faults,
    main,
    help,
  )

  return {
    showPage: (element) => page.replaceChildren(element),
    showRoute(route, link) {
      for (const [page, anchor] of links) {
        anchor.setAttribute('href', link(page))
        if (page === route.page) anchor.setAttribute('aria-current', 'page')
        else anchor.removeAttribute('aria-current')
      }
      const subject = route.id?.split('/').at(-1)
      const named = subject === undefined ? PAGE_TITLES[route.page] : titleOf(route.page, subject)
      document.title = `${named} · cloud-emulator`
      setText(heading, named)
      document.body.dataset.page = route.page
    },
    showRange(range) {
      const text = formatTimeRange(range)
      for (const button of ranges.querySelectorAll('button')) {
        button.setAttribute('aria-pressed', String(button.dataset.range === text))
      }
      rangeField.show(range)
    },
    showSummary(summary, chosen) {
      incidentBadge.hidden = summary.openIncidents === 0
      setText(incidentBadge, formatValue(summary.openIncidents))
      incidentBadge.title = `${formatCount(summary.openIncidents)} open incidents`
      refusedBadge.hidden = refusedOf(summary) === 0
      setText(refusedBadge, formatValue(refusedOf(summary)))
      refusedBadge.title = `${formatCount(summary.pointsRefused)} points, ${formatCount(summary.spansRefused)} spans and ${formatCount(summary.entriesRefused)} log entries refused`
      setText(rate, `${formatValue(summary.pointsPerSecond)} points/s`)
      pulse.classList.toggle('pulse-on', summary.pointsPerSecond > 0)
      const names = [...new Set([...summary.projects, summary.project])].sort()
      project.hidden = names.length < 2
      projectName.hidden = names.length >= 2
      setText(projectName, summary.project)
      const key = JSON.stringify([names, chosen ?? summary.project])
      if (project.dataset.key !== key) {
        project.dataset.key = key
        project.replaceChildren(
          ...names.map((name) => el('option', { value: name, selected: name === (chosen ?? summary.project) }, name)),
        )
      }
      faults.hidden = summary.faults.length === 0
      setText(
        faults,
        summary.faults.length === 1
          ? 'A fault is being injected: some calls are refused, slow or lost on purpose.'
          : `${summary.faults.length} faults are being injected: some calls are refused, slow or lost on purpose.`,
      )
    },
    showTheme(value) {
      setText(theme, THEME_TITLES[value])
    },
    showRefreshSeconds(seconds) {
      refresh.value = String(seconds)
    },
    showProblem(message) {
      problem.hidden = message === undefined
      setText(problem, message ?? '')
    },
    showBusy(busy) {
      refreshNow.classList.toggle('busy', busy)
    },
    toggleHelp() {
      if (help.open) help.close()
      else help.showModal()
    },
  }
}

/** A trace's id is 32 digits, which no tab has room for. */
function titleOf(page: PageName, subject: string): string {
  return page === 'traces' ? `Trace ${subject.slice(0, 8)}` : subject
}

function skipTo(event: Event, main: HTMLElement): void {
  event.preventDefault()
  main.focus()
}

function refusedOf({ pointsRefused, spansRefused, entriesRefused }: Summary): number {
  return pointsRefused + spansRefused + entriesRefused
}
