import {
  createRef,
  html,
  ifDefined,
  live,
  nothing,
  ref,
  render,
  type TemplateResult,
} from '@node-to-cloud/browser-kit/browser/view'
import { el } from '../../element.ts'
import { type CompletionContext, completionContext, type Suggestion } from './completion.ts'
import type { Suggestions } from './suggestions.ts'

const LIST_ID = 'promql-suggestions'

/** A query field with completion. Enter runs the query; Shift+Enter starts a new line. */
export class QueryEditor {
  readonly element = el('div', { class: 'promql-editor' })
  readonly #input = createRef<HTMLTextAreaElement>()
  readonly #suggestions: Suggestions
  readonly #onRun: (query: string) => void
  #text = ''
  #context: CompletionContext | undefined
  #offered: readonly Suggestion[] = []
  #chosen = 0

  constructor(suggestions: Suggestions, onRun: (query: string) => void) {
    this.#suggestions = suggestions
    this.#onRun = onRun
    this.#draw()
  }

  get text(): string {
    return this.#text
  }

  /** Shows the query in the address, without replacing what the user is typing. */
  show(query: string): void {
    if (document.activeElement === this.#input.value && this.#text !== '') return
    this.#text = query
    this.#draw()
  }

  focus(): void {
    this.#input.value?.focus()
  }

  async #typed(): Promise<void> {
    const input = this.#input.value
    if (input === undefined) return
    this.#text = input.value
    const context =
      input.selectionStart === input.selectionEnd ? completionContext(input.value, input.selectionStart) : undefined
    const offered = context === undefined ? [] : await this.#suggestions.at(context)
    if (this.#text !== input.value) return
    this.#context = context
    this.#offered = offered
    this.#chosen = 0
    this.#draw()
  }

  #close(): void {
    this.#offered = []
    this.#draw()
  }

  #take(index: number): void {
    const input = this.#input.value
    const suggestion = this.#offered[index]
    if (input === undefined || suggestion === undefined || this.#context === undefined) return
    const { from, word } = this.#context
    input.setRangeText(suggestion.text, from, from + word.length, 'end')
    this.#text = input.value
    this.#close()
    input.focus()
  }

  #run(): void {
    this.#offered = []
    this.#draw()
    this.#onRun(this.#text.trim())
  }

  #key(event: KeyboardEvent): void {
    const count = this.#offered.length
    if (count > 0 && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      this.#chosen = (this.#chosen + (event.key === 'ArrowDown' ? 1 : count - 1)) % count
      this.#draw()
      this.element.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
    } else if (count > 0 && event.key === 'Tab') this.#take(this.#chosen)
    else if (count > 0 && event.key === 'Escape') this.#close()
    else if (event.key === 'Enter' && !event.shiftKey) this.#run()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  #draw(): void {
    const isOpen = this.#offered.length > 0
    const rows = Math.min(8, Math.max(2, this.#text.split('\n').length))
    render(
      html`<textarea
          class="input promql-input"
          aria-label="Query in PromQL"
          aria-autocomplete="list"
          aria-controls=${LIST_ID}
          aria-activedescendant=${ifDefined(isOpen ? `${LIST_ID}-${this.#chosen}` : undefined)}
          placeholder="sum by (status) (rate(…[5m]))"
          spellcheck="false"
          autocapitalize="off"
          rows=${rows}
          .value=${live(this.#text)}
          ${ref(this.#input)}
          @input=${() => void this.#typed()}
          @keydown=${(event: KeyboardEvent) => this.#key(event)}
          @blur=${() => this.#close()}
        ></textarea>
        <ul class="promql-suggestions" id=${LIST_ID} role="listbox" aria-label="Suggestions" ?hidden=${!isOpen}>
          ${this.#offered.map((one, index) => this.#suggestion(one, index))}
        </ul>
        <button type="button" class="button promql-run" title="Ask (Enter)" @click=${() => this.#run()}>Run</button>
        ${isOpen ? html`<p class="muted promql-keys">↑ ↓ to choose, Tab to accept, Esc to close</p>` : nothing}`,
      this.element,
    )
  }

  #suggestion({ text, note }: Suggestion, index: number): TemplateResult {
    const take = (event: Event): void => {
      // Runs before the field loses the focus.
      event.preventDefault()
      this.#take(index)
    }
    return html`<li id="${LIST_ID}-${index}" role="option" aria-selected=${String(index === this.#chosen)} @mousedown=${take}>
      <span class="promql-word">${text}</span> <span class="muted">${note}</span>
    </li>`
  }
}
