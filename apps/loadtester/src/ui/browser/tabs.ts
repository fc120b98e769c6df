import { html, ifDefined, nothing, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatCount } from '@node-to-cloud/browser-kit/format/value'

const TITLES = {
  statistics: 'Statistics',
  charts: 'Charts',
  failures: 'Failures',
  workers: 'Workers',
  script: 'Script',
  history: 'History',
  downloads: 'Downloads',
  events: 'Events',
} as const

export type Tab = keyof typeof TITLES

/** The tabs in their order. */
const TABS = Object.keys(TITLES) as readonly Tab[]

/** Tabs that show something without a run, too. */
const WITHOUT_RUN = ['script', 'history', 'workers', 'events'] as const satisfies readonly Tab[]

export type TabWithoutRun = (typeof WITHOUT_RUN)[number]
export type TabOfRun = Exclude<Tab, TabWithoutRun>

/** The tab that the address names. */
export function tabOf(hash: string): Tab {
  const wanted = hash.slice(1).split('?', 1)[0]
  return TABS.find((tab) => tab === wanted) ?? 'statistics'
}

/** Whether a tab has nothing to show without a run. */
export function needsRun(tab: Tab): tab is TabOfRun {
  return !WITHOUT_RUN.some((other) => other === tab)
}

/** Links to the tabs, with the numbers of failed requests and of workers. */
export function tabsView(
  current: Tab,
  numbers: { readonly failures: number; readonly workers: number },
): TemplateResult {
  const badge = (tab: Tab): TemplateResult | typeof nothing => {
    if (tab === 'failures' && numbers.failures > 0)
      return html`<span class="count bad">${formatCount(numbers.failures)}</span>`
    return tab === 'workers' ? html`<span class="count">${formatCount(numbers.workers)}</span>` : nothing
  }
  const link = (tab: Tab): TemplateResult =>
    html`<a href="#${tab}" aria-current=${ifDefined(tab === current ? 'page' : undefined)}>${TITLES[tab]}${badge(tab)}</a>`
  return html`<nav class="tabs" aria-label="Views">${TABS.map(link)}</nav>`
}
