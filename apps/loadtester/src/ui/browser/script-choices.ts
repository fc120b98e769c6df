import type { ScriptChoices, StartRequest } from '../../contract/api.ts'
import { api } from './api.ts'
import { element, replace } from './element.ts'
import { field } from './form-field.ts'

/** The part of the start form that depends on the script: one of its scenarios, their tags, and values for its variables. */
export class ScriptChoicesFields {
  readonly element = element('div', { class: 'pair' })
  #scenario: HTMLSelectElement | undefined
  readonly #tags = element('input', { attributes: { name: 'tags', autocomplete: 'off', placeholder: 'all' } })
  #variables: readonly (readonly [name: string, input: HTMLInputElement])[] = []
  /** Of the script that was chosen last. */
  #wanted = ''

  /** Shows what another script has to choose from; nothing if it has no named scenarios and no variables. */
  async show(script: string): Promise<void> {
    this.#wanted = script
    const choices = await api.choices(script).catch(() => ({ scenarios: [], tags: [], variables: [] }))
    if (this.#wanted === script) this.#render(choices)
  }

  /** What was chosen; what was left alone is as in the script. */
  get value(): Pick<StartRequest, 'scenario' | 'tags' | 'variables'> {
    const scenario = this.#scenario?.value ?? ''
    const given = this.#variables.flatMap(([name, input]) =>
      input.value === '' ? [] : [[name, readValue(input.value)]],
    )
    return {
      ...(scenario === '' ? {} : { scenario }),
      ...(this.#tags.isConnected && this.#tags.value.trim() !== '' ? { tags: this.#tags.value.split(',') } : {}),
      ...(given.length === 0 ? {} : { variables: Object.fromEntries(given) }),
    }
  }

  #render({ scenarios, tags, variables }: ScriptChoices): void {
    const all = element('option', { text: 'All, by their weights', attributes: { value: '' } })
    const options = scenarios.map((name) => element('option', { text: name, attributes: { value: name } }))
    this.#scenario = element('select', { attributes: { name: 'scenario' } }, all, ...options)
    this.#variables = variables.map((name) => {
      const attributes = { name: 'variables', autocomplete: 'off', placeholder: 'as scripted' }
      return [name, element('input', { attributes })]
    })
    replace(
      this.element,
      ...(scenarios.length > 1 ? [field('scenario', 'Scenario', this.#scenario)] : []),
      ...(tags.length > 0 ? [field('tags', 'Tags', this.#tags, `Scenarios with one of: ${tags.join(', ')}.`)] : []),
      ...this.#variables.map(([name, input]) => field(`variable-${name}`, name, input, 'A variable of the script.')),
    )
  }
}

/** Numbers, lists and objects are written as in JSON; anything else is text. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
