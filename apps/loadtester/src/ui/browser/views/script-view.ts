import { html, render } from '@node-to-cloud/browser-kit/browser/view'
import type { StateView } from '../../../contract/api.ts'
import { api, messageOf } from '../api.ts'

/** Shows the scripts in the load tester's folder. They can't be changed over the network. */
export class ScriptView {
  readonly root = document.createElement('section')
  #names: readonly string[] = []
  #shown = ''
  #lines: readonly string[] = []

  constructor() {
    this.root.className = 'card stack'
  }

  update({ scripts, run, defaultScript }: StateView): void {
    this.#names = scripts
    if (this.#shown === '') void this.#show(run?.script ?? defaultScript)
    this.#draw()
  }

  async #show(name: string): Promise<void> {
    this.#shown = name
    try {
      this.#lines = (await api.script(name)).replace(/\n$/, '').split('\n')
    } catch (error) {
      this.#lines = [messageOf(error)]
    }
    this.#draw()
  }

  #draw(): void {
    const choose = ({ target }: Event): void => {
      if (target instanceof HTMLSelectElement) void this.#show(target.value)
    }
    render(
      html`<div class="split">
          <h2>Script</h2>
          <select aria-label="Script" @change=${choose}>
            ${this.#names.map((name) => html`<option value=${name} .selected=${name === this.#shown}>${name}</option>`)}
          </select>
        </div>
        <div class="scroll"><pre class="code" tabindex="0">${this.#lines.map((line) => html`<span>${line || ' '}</span>`)}</pre></div>
        <small class="about">Scripts are read from the load tester's folder when a test starts.</small>`,
      this.root,
    )
  }
}
