import { html, ifDefined, nothing, render, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { ApiError, messageOf } from '../api.ts'

/** What is wrong with a field, or with the form if no field is named. */
export interface FormProblem {
  readonly field?: string | undefined
  readonly message: string
}

interface FieldForm {
  readonly submit: string
  /** The fields, redrawn with each change. */
  readonly fields: () => TemplateResult
  /** Sends what was typed; resolves to what is wrong with it. */
  readonly send: (typed: FormData) => Promise<readonly FormProblem[]>
  /** Adds a button that closes the form. */
  readonly onCancel?: (() => void) | undefined
}

interface FieldOptions {
  readonly name: string
  readonly label: string
  readonly hint?: string
}

/** A form that marks each field that is wrong, until it is changed; the first one gets the focus. */
export class Form {
  readonly element = document.createElement('form')
  readonly #options: FieldForm
  #problems: readonly FormProblem[] = []
  #isBusy = false

  constructor(options: FieldForm) {
    this.#options = options
    this.element.className = 'form'
    this.element.noValidate = true
    this.element.addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#submit()
    })
    this.element.addEventListener('input', ({ target }) => {
      if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return
      this.#problems = this.#problems.filter(({ field }) => field !== target.name)
      this.draw()
    })
  }

  draw(): void {
    const { submit, fields, onCancel } = this.#options
    const general = this.#problems.find(({ field }) => !this.#control(field))
    render(
      html`${general === undefined ? nothing : html`<p class="notice bad" role="alert">${general.message}</p>`}
        ${fields()}
        <div class="actions">
          ${onCancel === undefined ? nothing : html`<button type="button" @click=${onCancel}>Cancel</button>`}
          <button class="primary" type="submit" ?disabled=${this.#isBusy}>${submit}</button>
        </div>`,
      this.element,
    )
  }

  /** A line of text. */
  text(
    options: FieldOptions & { readonly value?: string; readonly placeholder?: string; readonly isNumber?: boolean },
  ): TemplateResult {
    const { name, value = '', placeholder, isNumber = false } = options
    return this.#field(
      options,
      html`<input
        name=${name}
        value=${value}
        placeholder=${ifDefined(placeholder)}
        inputmode=${ifDefined(isNumber ? 'decimal' : undefined)}
        autocomplete="off"
        aria-invalid=${ifDefined(this.#problemOf(name) === undefined ? undefined : 'true')}
        aria-describedby="${name}-problem"
      />`,
    )
  }

  /** A choice among values; with `none`, an entry for none of them comes first. */
  choice(
    options: FieldOptions & {
      readonly values: readonly string[]
      readonly value?: string | undefined
      readonly none?: string
      readonly onChange?: (value: string) => void
    },
  ): TemplateResult {
    const { name, values, value = '', none, onChange } = options
    const offered = [...(none === undefined ? [] : ['']), ...values]
    const change = ({ target }: Event): void => {
      if (target instanceof HTMLSelectElement) onChange?.(target.value)
    }
    return this.#field(
      options,
      html`<select name=${name} aria-describedby="${name}-problem" @change=${change}>
        ${offered.map((one) => html`<option value=${one} ?selected=${one === value}>${one || none}</option>`)}
      </select>`,
    )
  }

  #field({ name, label, hint }: FieldOptions, control: TemplateResult): TemplateResult {
    return html`<label class="field">
      <span>${label}</span>
      ${control} ${hint === undefined ? nothing : html`<small>${hint}</small>`}
      <span class="problem" id="${name}-problem" aria-live="polite">${this.#problemOf(name)}</span>
    </label>`
  }

  #problemOf(name: string): string | undefined {
    return this.#problems.find(({ field }) => field === name)?.message
  }

  #control(name: string | undefined): HTMLElement | undefined {
    const control = name === undefined ? null : this.element.elements.namedItem(name)
    return control instanceof HTMLElement ? control : undefined
  }

  async #submit(): Promise<void> {
    this.#isBusy = true
    this.#problems = []
    this.draw()
    try {
      this.#problems = await this.#options.send(new FormData(this.element))
    } catch (error) {
      this.#problems = [{ field: error instanceof ApiError ? error.field : undefined, message: messageOf(error) }]
    }
    this.#isBusy = false
    this.draw()
    this.#control(this.#problems[0]?.field)?.focus()
  }
}

/** The text of a field; empty without it. */
export function typedText(typed: FormData, name: string): string {
  const value = typed.get(name)
  return typeof value === 'string' ? value.trim() : ''
}
