import type { Theme } from '@node-to-cloud/browser-kit/browser/theme'
import { render } from '@node-to-cloud/browser-kit/browser/view'
import { el } from '../element.ts'
import { HelpDialog } from './help-dialog.ts'
import { titleOf } from './page-titles.ts'
import { createRangeField } from './range-field.ts'
import { noticesView, type ShellHost, topRow } from './top-row.ts'

/** What the frame shows in addition to its host's state. */
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

  /** Redraws the frame with what has changed. */
  show(changes: Partial<ShellState>): void {
    this.#state = { ...this.#state, ...changes }
    const route = this.#app.route()
    const title = titleOf(route)
    document.title = `${title} · cloud-emulator`
    if (this.#heading.textContent !== title) this.#heading.textContent = title
    document.body.dataset.page = route.page
    this.#rangeField.show(this.#app.range())
    const { theme, busy, problem } = this.#state
    const { element: rangeField } = this.#rangeField
    render(topRow(this.#app, { theme, busy, rangeField, toggleHelp: () => this.toggleHelp() }), this.#top)
    render(noticesView(problem, this.#app.summary()), this.#notices)
  }
}
