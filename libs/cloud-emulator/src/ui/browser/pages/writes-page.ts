import { formatAgo, formatDateTime } from '@node-to-cloud/browser-kit/format/time'
import { formatCount } from '@node-to-cloud/browser-kit/format/value'
import type { Labels } from '../../../contract/metrics.ts'
import type { Refusal, RefusalList } from '../../../contract/refusals.ts'
import type { AppContext, Page } from '../app-context.ts'
import { el } from '../element.ts'
import { codeBlock, emptyState, otherProjects, writerExample } from '../empty-state.ts'
import { createFigures } from '../figures.ts'

const MAX_REFUSALS = 500

function labelChips(labels: Labels | undefined, kind: string): HTMLElement[] {
  return Object.entries(labels ?? {}).map(([key, value]) =>
    el('span', { class: 'chip', title: `${kind} label` }, `${key}=${value}`),
  )
}

function refusalRow(refusal: Refusal): HTMLElement {
  const subject =
    refusal.metricType ?? refusal.subject ?? (refusal.span === undefined ? '(unnamed)' : `span ${refusal.span}`)
  return el(
    'details',
    { class: 'refusal', name: 'refusal' },
    el(
      'summary',
      {},
      el('span', { class: 'refusal-time' }, formatDateTime(refusal.timeMs).slice(11, 19)),
      el('span', { class: 'code-badge' }, refusal.status || String(refusal.code)),
      el('span', { class: 'refusal-subject' }, subject),
      el('span', { class: 'refusal-message' }, refusal.message),
    ),
    el(
      'div',
      { class: 'refusal-detail' },
      el('p', { class: 'refusal-full' }, refusal.message),
      el(
        'div',
        { class: 'chips' },
        refusal.metricKind ? el('span', { class: 'chip' }, `${refusal.metricKind} ${refusal.valueType ?? ''}`) : null,
        refusal.resourceType ? el('span', { class: 'chip' }, refusal.resourceType) : null,
        ...labelChips(refusal.metricLabels, 'metric'),
        ...labelChips(refusal.resourceLabels, 'resource'),
      ),
      refusal.point === undefined ? null : el('pre', { class: 'json' }, JSON.stringify(refusal.point, null, 2)),
    ),
  )
}

/** Shows how many points and spans were accepted, and which were refused and why. */
export function createWritesPage(app: AppContext): Page {
  const figures = createFigures({
    pointsAccepted: 'Points accepted',
    pointsRefused: 'Points refused',
    spansAccepted: 'Spans accepted',
    spansRefused: 'Spans refused',
    entriesAccepted: 'Log entries accepted',
    entriesRefused: 'Log entries refused',
    pointsPerSecond: 'Points per second',
    kept: 'Series, points stored',
  })
  const reasons = el('div', { class: 'reasons' })
  const log = el('div', { class: 'refusal-log' })
  const element = el('div', { class: 'page writes-page' }, figures.element, reasons, log)
  let drawn = ''

  const drawReasons = (found: RefusalList, chosen: string): void => {
    const nowMs = app.nowMs()
    const largest = Math.max(1, ...found.byReason.map((reason) => reason.points))
    reasons.replaceChildren(
      ...found.byReason.map((reason) => {
        const active = reason.reason === chosen
        const button = el(
          'button',
          {
            type: 'button',
            class: 'reason',
            'aria-pressed': String(active),
            onclick: () => app.setParameters({ reason: active ? '' : reason.reason }),
          },
          el('span', { class: 'code-badge' }, reason.status || String(reason.code)),
          el(
            'span',
            { class: 'reason-text' },
            el('strong', {}, reason.reason),
            el('span', { class: 'muted' }, found.refusals.find((one) => one.reason === reason.reason)?.message ?? ''),
          ),
          el('span', { class: 'reason-bar', style: { '--share': `${(reason.points / largest) * 100}%` } }),
          el('span', { class: 'reason-count' }, formatCount(reason.points)),
          el('span', { class: 'muted reason-last' }, formatAgo(reason.lastMs, nowMs)),
        )
        return button
      }),
    )
  }

  const drawLog = (found: RefusalList, chosen: string): void => {
    const shown = found.refusals.filter((refusal) => chosen === '' || refusal.reason === chosen)
    const { points = 0, spans = 0, projects = [] } = app.summary() ?? {}
    const key = JSON.stringify([shown.map((refusal) => refusal.id), chosen, points + spans === 0, projects])
    if (key === drawn) return
    drawn = key
    if (found.refusals.length > 0) {
      log.replaceChildren(
        el(
          'h2',
          { class: 'list-title' },
          chosen === '' ? 'Newest refusals' : 'Newest refusals of this reason',
          shown.length < found.total
            ? el('span', { class: 'muted' }, ` ${shown.length} of ${formatCount(found.total)}`)
            : null,
        ),
        ...shown.map(refusalRow),
      )
      return
    }
    const written = points + spans > 0
    log.replaceChildren(
      written
        ? emptyState(
            'Nothing has been refused',
            ...otherProjects(app, 'writes'),
            el('p', {}, 'No write to this project has broken a rule of Cloud Monitoring or Cloud Trace.'),
          )
        : emptyState(
            'Nothing has been written yet',
            ...otherProjects(app, 'writes'),
            el('p', {}, 'Start the whole pipeline:'),
            codeBlock('npm start'),
            el('p', {}, 'or write with a client of your own:'),
            codeBlock(writerExample(app.summary())),
          ),
    )
  }

  return {
    element,
    async refresh(signal) {
      const [found, summary] = await Promise.all([app.api.refusals(MAX_REFUSALS, signal), app.api.summary(signal)])
      const chosen = app.route().parameters.reason ?? ''
      figures.set('pointsAccepted', formatCount(summary.pointsAccepted))
      figures.set('pointsRefused', formatCount(summary.pointsRefused), summary.pointsRefused > 0)
      figures.set('spansAccepted', formatCount(summary.spansAccepted))
      figures.set('spansRefused', formatCount(summary.spansRefused), summary.spansRefused > 0)
      figures.set('entriesAccepted', formatCount(summary.entriesAccepted))
      figures.set('entriesRefused', formatCount(summary.entriesRefused), summary.entriesRefused > 0)
      figures.set('pointsPerSecond', summary.pointsPerSecond.toFixed(summary.pointsPerSecond < 10 ? 1 : 0))
      figures.set('kept', `${formatCount(summary.series)}, ${formatCount(summary.points)}`)
      drawReasons(found, chosen)
      drawLog(found, chosen)
    },
    destroy: () => {},
  }
}
