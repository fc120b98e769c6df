import type { StateView } from '../../../contract/api.ts'
import { api, messageOf } from '../api.ts'
import { element, replace } from '../element.ts'

/** Shows the scripts in the load tester's folder. They can't be changed over the network. */
export class ScriptView {
  readonly root: HTMLElement
  readonly #select = element('select', { attributes: { 'aria-label': 'Script' } })
  readonly #code = element('pre', { class: 'code', attributes: { tabindex: '0' } })
  #names = ''
  #shown: string | undefined

  constructor() {
    this.#select.addEventListener('change', () => void this.#show(this.#select.value))
    this.root = element(
      'section',
      { class: 'card stack' },
      element('div', { class: 'split' }, element('h2', { text: 'Script' }), this.#select),
      element('div', { class: 'scroll' }, this.#code),
      element('small', { class: 'about', text: "Scripts are read from the load tester's folder when a test starts." }),
    )
  }

  update(state: StateView): void {
    const names = state.scripts.join('\n')
    if (names !== this.#names) {
      this.#names = names
      replace(
        this.#select,
        ...state.scripts.map((name) => element('option', { text: name, attributes: { value: name } })),
      )
      this.#select.value = this.#shown ?? state.run?.script ?? state.defaultScript
    }
    if (this.#shown === undefined) void this.#show(this.#select.value)
  }

  async #show(name: string): Promise<void> {
    if (name === '') return
    this.#shown = name
    try {
      const source = await api.script(name)
      replace(
        this.#code,
        ...source
          .replace(/\n$/, '')
          .split('\n')
          .map((line) => element('span', { text: line === '' ? ' ' : line })),
      )
    } catch (error) {
      replace(this.#code, messageOf(error))
    }
  }
}
