import { parseTypedNumber } from '@node-to-cloud/browser-kit/format/typed-number'
import type { RunReport } from '../../contract/run-report.ts'
import { ApiError, api, messageOf } from './api.ts'
import { element, openDialog } from './element.ts'
import { field } from './form-field.ts'

/** Opens a dialog to change the load. */
export function openEditDialog(run: RunReport, onChanged: () => void): void {
  const level = element('input', {
    attributes: {
      name: 'level',
      inputmode: 'decimal',
      autocomplete: 'off',
      value: String(Number(run.level.toFixed(3))),
    },
  })
  openDialog('Edit the load', (close) =>
    createForm(run, level, () => {
      close()
      onChanged()
    }),
  )
  level.select()
}

function createForm({ model }: RunReport, level: HTMLInputElement, onChanged: () => void): HTMLFormElement {
  const isOpen = model === 'open'
  const hint = 'Applies to the rest of the test. A paused test resumes with it.'
  const labelled = field('edit-level', isOpen ? 'Arrivals per second' : 'Users', level, hint)
  const change = element('input', {
    attributes: { name: 'change', inputmode: 'decimal', autocomplete: 'off', placeholder: 'at once' },
  })
  const changeLabel = isOpen ? 'Change of the rate per second' : 'Users to start or end per second'
  const ramp = field('edit-change', changeLabel, change, 'Moves to the new level step by step.')
  const submit = element('button', { class: 'primary', text: 'Change the load', attributes: { type: 'submit' } })
  const actions = element('div', { class: 'actions' }, submit)
  const form = element('form', { class: 'form', attributes: { novalidate: '' } }, labelled, ramp, actions)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const amount = parseTypedNumber(level.value)
    const perSecond = change.value.trim() === '' ? undefined : (parseTypedNumber(change.value) ?? 0)
    for (const [input, place] of [[level, labelled] as const, [change, ramp] as const]) showProblem(input, place, '')
    if (amount === undefined) {
      showProblem(level, labelled, 'Enter a number of at least 0.')
      return
    }
    if (perSecond === 0) {
      showProblem(change, ramp, 'Enter a number above 0, or nothing.')
      return
    }
    api
      .change({ ...(isOpen ? { rate: amount } : { users: amount }), spawnRate: perSecond })
      .then(onChanged, (error: unknown) => {
        const isRamp = error instanceof ApiError && error.field === 'spawnRate'
        showProblem(isRamp ? change : level, isRamp ? ramp : labelled, messageOf(error))
      })
  })
  return form
}

/** Shows what is wrong with a field; nothing, if the message is empty. */
function showProblem(input: HTMLInputElement, place: HTMLElement, message: string): void {
  input.toggleAttribute('aria-invalid', message !== '')
  if (message !== '') input.setAttribute('aria-invalid', 'true')
  const problem = place.querySelector('.problem')
  if (problem !== null) problem.textContent = message
}
