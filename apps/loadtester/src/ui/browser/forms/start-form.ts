import { html, nothing, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import type { ScriptChoices, StateView } from '../../../contract/api.ts'
import { ApiError, api } from '../api.ts'
import { Form, type FormProblem, typedText } from './field-form.ts'
import type { TypedLoad } from './typed-load.ts'
import { readStart, variableField } from './typed-start.ts'

type Kind = TypedLoad['kind']

const KINDS: readonly { readonly kind: Kind; readonly label: string; readonly hint: string }[] = [
  {
    kind: 'rate',
    label: 'Arrivals',
    hint: 'Open model: this many virtual users start each second, however long each one takes.',
  },
  {
    kind: 'users',
    label: 'Users',
    hint: 'Closed model: this many virtual users run at once, and repeat their scenario.',
  },
  { kind: 'script', label: 'As scripted', hint: "The script's own phases or shape." },
]
const NO_CHOICES: ScriptChoices = { scenarios: [], tags: [], environments: [], variables: [] }

/** The form that starts a test. */
export class StartForm {
  readonly element: HTMLFormElement
  readonly #state: StateView
  readonly #form: Form
  #kind: Kind = 'rate'
  #script: string
  #choices = NO_CHOICES

  constructor(state: StateView, onStarted: () => void, onCancel?: () => void) {
    this.#state = state
    this.#script = state.run?.script ?? state.defaultScript
    this.#form = new Form({
      submit: 'Start the test',
      fields: () => this.#fields(),
      send: (typed) => this.#send(typed, onStarted),
      onCancel,
    })
    this.element = this.#form.element
    void this.#choose(this.#script)
  }

  /** Shows what a script has to choose from; nothing if there is none. */
  async #choose(script: string): Promise<void> {
    this.#script = script
    this.#form.draw()
    const choices = await api.choices(script).catch(() => NO_CHOICES)
    if (this.#script !== script) return
    this.#choices = choices
    this.#form.draw()
  }

  #fields(): TemplateResult {
    const form = this.#form
    const { scripts, targets, run } = this.#state
    const kind = this.#kind
    const level = kind === 'users' ? 'Users' : 'Arrivals per second'
    return html`<div class="pair">
        ${form.choice({ name: 'script', label: 'Script', values: scripts, value: this.#script, onChange: (script) => void this.#choose(script) })}
        ${form.choice({ name: 'target', label: 'Target', values: targets, value: run?.target ?? targets[0] })}
      </div>
      ${this.#choiceFields()}
      <fieldset class="field">
        <legend>Load</legend>
        <div class="choice">${KINDS.map((one) => this.#kindView(one))}</div>
        <small>${KINDS.find((one) => one.kind === kind)?.hint}</small>
      </fieldset>
      <div class="pair">
        ${kind === 'script' ? nothing : form.text({ name: 'level', label: level, value: '10', isNumber: true })}
        ${kind === 'users' ? form.text({ name: 'spawnRate', label: 'Users to start per second', placeholder: 'all at once', isNumber: true }) : nothing}
        ${form.text({ name: 'durationSeconds', label: 'Duration', placeholder: kind === 'script' ? 'as scripted' : 'until stopped', hint: 'For example 90, 5m or 1h30m.' })}
        ${form.text({ name: 'percentiles', label: 'Percentiles', placeholder: '50, 75, 90, 95, 99, 99.9', hint: 'Of the response times, in statistics and reports.' })}
      </div>`
  }

  #kindView({ kind, label }: (typeof KINDS)[number]): TemplateResult {
    const choose = (): void => {
      this.#kind = kind
      this.#form.draw()
    }
    return html`<label><input type="radio" name="kind" value=${kind} ?checked=${kind === 'rate'} @change=${choose} />${label}</label>`
  }

  /** What depends on the script: one of its scenarios, their tags, an environment, and values for its variables. */
  #choiceFields(): TemplateResult {
    const form = this.#form
    const { scenarios, tags, environments, variables } = this.#choices
    return html`<div class="pair">
      ${scenarios.length < 2 ? nothing : form.choice({ name: 'scenario', label: 'Scenario', values: scenarios, none: 'All, by their weights' })}
      ${environments.length === 0 ? nothing : form.choice({ name: 'environment', label: 'Environment', values: environments, none: 'None' })}
      ${tags.length === 0 ? nothing : form.text({ name: 'tags', label: 'Tags', placeholder: 'all', hint: `Scenarios with one of: ${tags.join(', ')}.` })}
      ${variables.map((name) => form.text({ name: variableField(name), label: name, placeholder: 'as scripted', hint: 'A variable of the script.' }))}
    </div>`
  }

  async #send(typed: FormData, onStarted: () => void): Promise<readonly FormProblem[]> {
    const { variables } = this.#choices
    const { request, problems } = readStart(this.#kind, variables, (name) => typedText(typed, name))
    if (problems.length > 0) return problems
    try {
      await api.start(request)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const fields: Readonly<Record<string, string>> = {
        rate: 'level',
        users: 'level',
        variables: variableField(variables[0] ?? ''),
      }
      return [{ field: fields[error.field ?? ''] ?? error.field, message: error.message }]
    }
    onStarted()
    return []
  }
}
