import { html, ifDefined, type TemplateResult } from './view.ts'

interface Field {
  /** The label beside the field, which is also its name. */
  readonly label: string
  readonly value: string
  /** Called when the user has chosen or typed a different value. */
  readonly onChange: (value: string) => void
}

/** A field with its label before it. */
export function labelled(label: string, control: TemplateResult, className = ''): TemplateResult {
  return html`<label class="filter ${className}"><span>${label}</span>${control}</label>`
}

/**
 * A select field. With `all`, it is also possible to choose none. A value that is not among the options stays selected,
 * so that an address that contains it keeps its meaning.
 */
export function choiceField(
  options: Field & {
    readonly values: readonly string[]
    readonly textOf?: (value: string) => string
    readonly all?: string
    readonly emptyValue?: string
  },
): TemplateResult {
  const { label, value, values, textOf = String, all, emptyValue = '', onChange } = options
  const empty = all === undefined ? [] : [emptyValue]
  const offered = [...empty, ...(value === emptyValue || values.includes(value) ? [] : [value]), ...values]
  const choose = ({ target }: Event): void => {
    if (target instanceof HTMLSelectElement) onChange(target.value)
  }
  return labelled(
    label,
    html`<select class="select" @change=${choose}>
      ${offered.map(
        (one) =>
          html`<option value=${one} .selected=${one === value}>
            ${all !== undefined && one === emptyValue ? all : textOf(one)}
          </option>`,
      )}
    </select>`,
  )
}

/**
 * A text field. If `check` returns a message, the value is invalid: the message is shown, and the value is not applied.
 */
export function textField(
  options: Field & {
    readonly placeholder?: string
    readonly title?: string
    readonly className?: string
    readonly check?: (value: string) => string | undefined
  },
): TemplateResult {
  const { label, value, placeholder, title, className = '', check, onChange } = options
  const change = ({ target }: Event): void => {
    if (!(target instanceof HTMLInputElement)) return
    const text = target.value.trim()
    const problem = text === '' ? undefined : check?.(text)
    target.setCustomValidity(problem ?? '')
    target.toggleAttribute('aria-invalid', problem !== undefined)
    if (problem === undefined) {
      onChange(text)
      return
    }
    target.setAttribute('aria-invalid', 'true')
    target.reportValidity()
  }
  const clear = ({ target }: Event): void => {
    if (!(target instanceof HTMLInputElement)) return
    target.setCustomValidity('')
    target.removeAttribute('aria-invalid')
  }
  return labelled(
    label,
    html`<input
      class="input ${className}"
      .value=${value}
      placeholder=${ifDefined(placeholder)}
      title=${ifDefined(title)}
      spellcheck="false"
      autocomplete="off"
      @change=${change}
      @input=${clear}
    />`,
    className === '' ? '' : `${className}-label`,
  )
}

/** A field that searches as the user types, and shows in `note` what it has found. */
export function searchField(
  options: Field & { readonly placeholder: string; readonly note: string; readonly onEnter?: () => void },
): TemplateResult {
  const { label, value, placeholder, note, onChange, onEnter } = options
  const type = ({ target }: Event): void => {
    if (target instanceof HTMLInputElement) onChange(target.value)
  }
  const press = ({ key }: KeyboardEvent): void => {
    if (key === 'Enter') onEnter?.()
  }
  return html`<input
      type="search"
      class="input search"
      placeholder=${placeholder}
      aria-label=${label}
      spellcheck="false"
      .value=${value}
      @input=${type}
      @keydown=${press}
    />
    <span class="muted count" role="status">${note}</span>`
}
