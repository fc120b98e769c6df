import { formatClock } from '@node-to-cloud/browser-kit/format/time'
import type { LogLine } from '../../../contract/api.ts'
import type { RunReport } from '../../../contract/run-report.ts'
import { api } from '../api.ts'
import { card, element, replace } from '../element.ts'

/** Events of the run, and the log of master and workers. */
export class EventsView {
  readonly root: HTMLElement
  readonly #events = element('ul', { class: 'log' })
  readonly #log = element('ul', { class: 'log' })

  constructor() {
    this.root = element(
      'div',
      { class: 'stack' },
      card('Events of the run', this.#events),
      card('Log of master and workers', this.#log),
    )
  }

  update(run: RunReport | undefined): void {
    const events = [...(run?.events ?? [])].reverse()
    replace(
      this.#events,
      ...(events.length === 0 ? [element('li', { class: 'empty', text: 'Nothing yet.' })] : events.map(line)),
    )
    void api.log().then((lines) => replace(this.#log, ...[...lines].reverse().map(line)))
  }
}

function line({ atMs, text, worker }: LogLine): HTMLElement {
  const time = new Date(atMs)
  return element(
    'li',
    {},
    element('time', { text: formatClock(atMs), attributes: { datetime: time.toISOString() } }),
    element('span', { text: worker === undefined ? text : `${worker}: ${text}` }),
  )
}
