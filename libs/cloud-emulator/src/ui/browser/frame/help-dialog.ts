import { createRef, html, ref, render } from '@node-to-cloud/browser-kit/browser/view'
import { el } from '../element.ts'
import { PAGES } from '../route.ts'
import { PAGE_TITLES } from './page-titles.ts'

const SHORTCUTS: readonly (readonly [string, string])[] = [
  [`1 – ${PAGES.length}`, PAGES.map((page) => PAGE_TITLES[page]).join(', ')],
  ['/', 'Search on this page'],
  ['r', 'Refresh now'],
  ['p', 'Pause, resume'],
  ['- / +', 'Longer, shorter time range'],
  ['Esc', 'Reset the zoom'],
  ['t', 'Switch the theme'],
  ['← → on a chart', 'Read its values'],
  ['?', 'Show these shortcuts'],
]

/** The list of keyboard shortcuts. */
export class HelpDialog {
  readonly element = el('div')
  readonly #dialog = createRef<HTMLDialogElement>()

  constructor() {
    render(
      html`<dialog class="dialog" aria-label="Keyboard shortcuts" ${ref(this.#dialog)}>
        <h2>Keyboard shortcuts</h2>
        <dl class="keys">
          ${SHORTCUTS.map(([key, text]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${text}</dd></div>`)}
        </dl>
        <button type="button" class="button" @click=${() => this.#dialog.value?.close()}>Close</button>
      </dialog>`,
      this.element,
    )
  }

  toggle(): void {
    const dialog = this.#dialog.value
    if (dialog?.open) dialog.close()
    else dialog?.showModal()
  }
}
