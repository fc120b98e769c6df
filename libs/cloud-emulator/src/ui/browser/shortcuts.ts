import type { App } from './app.ts'
import { zoomOut } from './range/time-range.ts'
import { PAGES } from './route.ts'

const SHORTEST_SECONDS = 300

function shorten(app: App): void {
  const range = app.range()
  if (range.kind !== 'last') return
  app.setRange({ kind: 'last', seconds: Math.max(SHORTEST_SECONDS, Math.ceil(range.seconds / 120) * 60) })
}

const ACTIONS: Readonly<Record<string, (app: App) => void>> = {
  '/': (app) => app.page()?.focusSearch?.(),
  r: (app) => app.refreshNow(),
  p: (app) => app.setParameters({ refresh: app.refreshSeconds() === 0 ? '' : '0' }, { replace: true }),
  t: (app) => app.switchTheme(),
  '-': (app) => app.setRange(zoomOut(app.range(), app.nowMs())),
  '+': shorten,
  Escape: (app) => app.resetRange(),
  '?': (app) => app.shell.toggleHelp(),
}

/** Handles single-key shortcuts, except in text fields. */
export function followShortcuts(app: App): void {
  window.addEventListener('keydown', (event) => {
    const target = event.target instanceof HTMLElement ? event.target : undefined
    const typing = target?.closest('input:not([type=checkbox]), select, textarea, dialog[open]')
    if (event.key === 'Escape' && typing && target instanceof HTMLInputElement) target.blur()
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing) return
    const page = /^[1-9]$/.test(event.key) ? PAGES[Number(event.key) - 1] : undefined
    const action = ACTIONS[event.key]
    if (page) location.hash = app.link(page)
    else if (action) action(app)
    else return
    event.preventDefault()
  })
}
