import type { StartRequest, StateView } from '../../contract/api.ts'
import { ApiError, api, messageOf } from './api.ts'
import { element, replace } from './element.ts'
import { field } from './form-field.ts'
import { ScriptChoicesFields } from './script-choices.ts'
import { readLoad } from './typed-load.ts'

type Kind = 'rate' | 'users' | 'script'

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

/** Creates the form that starts a test. */
export function createStartForm(state: StateView, onStarted: () => void): HTMLFormElement {
  const script = select('script', state.scripts, state.run?.script ?? state.defaultScript)
  const target = select('target', state.targets, state.run?.target ?? state.targets[0] ?? '')
  const level = input('level', '10', { inputmode: 'decimal', required: '' })
  const spawnRate = input('spawnRate', '', { inputmode: 'decimal', placeholder: 'all at once' })
  const duration = input('durationSeconds', '', { placeholder: 'until stopped' })
  const percentiles = input('percentiles', '', { placeholder: '50, 75, 90, 95, 99, 99.9' })
  const hint = element('small', { text: KINDS[0]?.hint ?? '' })
  const levelField = field('level', 'Arrivals per second', level)
  const spawnField = field('spawnRate', 'Users to start per second', spawnRate)
  const problem = element('p', { class: 'notice bad', attributes: { role: 'alert', hidden: '' } })
  const choices = new ScriptChoicesFields()
  void choices.show(script.value)
  script.addEventListener('change', () => void choices.show(script.value))
  let kind: Kind = 'rate'

  const choose = (chosen: Kind): void => {
    kind = chosen
    hint.textContent = KINDS.find((one) => one.kind === chosen)?.hint ?? ''
    levelField.hidden = chosen === 'script'
    level.disabled = chosen === 'script'
    spawnField.hidden = chosen !== 'users'
    const label = levelField.querySelector('span')
    if (label !== null) label.textContent = chosen === 'users' ? 'Users' : 'Arrivals per second'
    duration.placeholder = chosen === 'script' ? 'as scripted' : 'until stopped'
  }
  const kinds = KINDS.map((one, index) =>
    element(
      'label',
      {},
      element('input', {
        attributes: { type: 'radio', name: 'kind', value: one.kind, checked: index === 0 ? '' : undefined },
        on: { change: () => choose(one.kind) },
      }),
      one.label,
    ),
  )
  const submit = element('button', { class: 'primary', text: 'Start the test', attributes: { type: 'submit' } })
  const form = element(
    'form',
    { class: 'form', attributes: { novalidate: '' } },
    problem,
    element('div', { class: 'pair' }, field('script', 'Script', script), field('target', 'Target', target)),
    choices.element,
    element(
      'fieldset',
      { class: 'field' },
      element('legend', { text: 'Load' }),
      element('div', { class: 'choice' }, ...kinds),
      hint,
    ),
    element(
      'div',
      { class: 'pair' },
      levelField,
      spawnField,
      field('durationSeconds', 'Duration', duration, 'For example 90, 5m or 1h30m.'),
      field('percentiles', 'Percentiles', percentiles, 'Of the response times, in statistics and reports.'),
    ),
    element('div', { class: 'actions' }, submit),
  )
  choose('rate')

  const showProblem = (message: string, name: string | undefined): void => {
    const input = name === undefined ? null : form.querySelector<HTMLElement>(`[name="${name}"]`)
    const place = input?.closest('.field')?.querySelector('.problem')
    if (input !== null && place instanceof HTMLElement) {
      input.setAttribute('aria-invalid', 'true')
      place.textContent = message
      input.focus()
    } else {
      problem.hidden = false
      problem.textContent = message
    }
  }
  form.addEventListener('input', ({ target }) => {
    if (!(target instanceof HTMLElement)) return
    target.removeAttribute('aria-invalid')
    const place = target.closest('.field')?.querySelector('.problem')
    if (place) replace(place)
  })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    problem.hidden = true
    for (const place of form.querySelectorAll('.problem')) replace(place)
    for (const invalid of form.querySelectorAll('[aria-invalid]')) invalid.removeAttribute('aria-invalid')
    const { load, problems } = readLoad({
      kind,
      level: level.value,
      spawnRate: spawnRate.value,
      durationSeconds: duration.value,
    })
    // The first one last, since it gets the focus.
    for (const wrong of problems.toReversed()) showProblem(wrong.message, wrong.field)
    if (problems.length > 0) return
    const body: StartRequest = {
      script: script.value,
      target: target.value,
      ...choices.value,
      ...(percentiles.value.trim() === '' ? {} : { percentiles: percentiles.value.split(',').map(Number) }),
      ...load,
    }
    submit.disabled = true
    submit.textContent = 'Starting…'
    api
      .start(body)
      .then(onStarted, (error: unknown) => {
        const name = error instanceof ApiError ? error.field : undefined
        showProblem(messageOf(error), name === 'rate' || name === 'users' ? 'level' : name)
      })
      .finally(() => {
        submit.disabled = false
        submit.textContent = 'Start the test'
      })
  })
  return form
}

function select(name: string, values: readonly string[], chosen: string): HTMLSelectElement {
  const options = values.map((value) =>
    element('option', { text: value, attributes: { value, selected: value === chosen ? '' : undefined } }),
  )
  return element('select', { attributes: { name } }, ...options)
}

function input(name: string, value: string, attributes: Readonly<Record<string, string>>): HTMLInputElement {
  return element('input', { attributes: { name, value, autocomplete: 'off', ...attributes } })
}
