import type { ScriptChoices, StartRequest } from '../../contract/api.ts'
import { api } from './api.ts'
import { element, replace } from './element.ts'
import { field } from './form-field.ts'

/** The part of the start form that depends on the script: one of its scenarios, their tags, an environment, and values for its variables. */
export class ScriptChoicesFields {
  readonly element = element('div', { class: 'pair' })
  #scenario: HTMLSelectElement | undefined
  #environment: HTMLSelectElement | undefined
  readonly #tags = element('input', { attributes: { name: 'tags', autocomplete: 'off', placeholder: 'all' } })
  #variables: readonly (readonly [name: string, input: HTMLInputElement])[] = []
  /** Of the script that was chosen last. */
  #wanted = ''

  /** Shows what another script has to choose from; nothing if there is none. */
  async show(script: string): Promise<void> {
    this.#wanted = script
    const choices = await api
      .choices(script)
      .catch((): ScriptChoices => ({ scenarios: [], tags: [], environments: [], variables: [] }))
    if (this.#wanted === script) this.#render(choices)
  }

  /** What was chosen; what was left alone is as in the script. */
  get value(): Pick<StartRequest, 'scenario' | 'tags' | 'environment' | 'variables'> {
    const scenario = this.#scenario?.value ?? ''
    const environment = this.#environment?.value ?? ''
    const given = this.#variables.flatMap(([name, input]) =>
      input.value === '' ? [] : [[name, readValue(input.value)]],
    )
    return {
      ...(scenario === '' ? {} : { scenario }),
      ...(environment === '' ? {} : { environment }),
      ...(this.#tags.isConnected && this.#tags.value.trim() !== '' ? { tags: this.#tags.value.split(',') } : {}),
      ...(given.length === 0 ? {} : { variables: Object.fromEntries(given) }),
    }
  }

  #render({ scenarios, tags, environments, variables }: ScriptChoices): void {
    this.#scenario = choice('scenario', 'All, by their weights', scenarios)
    this.#environment = choice('environment', 'None', environments)
    this.#variables = variables.map((name) => {
      const attributes = { name: 'variables', autocomplete: 'off', placeholder: 'as scripted' }
      return [name, element('input', { attributes })]
    })
    replace(
      this.element,
      ...(scenarios.length > 1 ? [field('scenario', 'Scenario', this.#scenario)] : []),
      ...(environments.length > 0 ? [field('environment', 'Environment', this.#environment)] : []),
      ...(tags.length > 0 ? [field('tags', 'Tags', this.#tags, `Scenarios with one of: ${tags.join(', ')}.`)] : []),
      ...this.#variables.map(([name, input]) => field(`variable-${name}`, name, input, 'A variable of the script.')),
    )
  }
}

/** A list of names, after an entry for none of them. */
function choice(name: string, none: string, values: readonly string[]): HTMLSelectElement {
  const options = ['', ...values].map((value) => element('option', { text: value || none, attributes: { value } }))
  return element('select', { attributes: { name } }, ...options)
}

/** Numbers, lists and objects are written as in JSON; anything else is text. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
