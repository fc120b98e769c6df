import type { RunReport } from '../../contract/run-report.ts'
import { api, messageOf } from './api.ts'
import { element, openDialog } from './element.ts'
import { field } from './start-form.ts'

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
  const submit = element('button', { class: 'primary', text: 'Change the load', attributes: { type: 'submit' } })
  const actions = element('div', { class: 'actions' }, submit)
  const form = element('form', { class: 'form', attributes: { novalidate: '' } }, labelled, actions)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const amount = level.value.trim() === '' ? Number.NaN : Number(level.value)
    const show = (message: string): void => {
      level.setAttribute('aria-invalid', 'true')
      const problem = labelled.querySelector('.problem')
      if (problem !== null) problem.textContent = message
    }
    if (!Number.isFinite(amount) || amount < 0) show('Enter a number of at least 0.')
    else
      api
        .change(isOpen ? { rate: amount } : { users: amount })
        .then(onChanged, (error: unknown) => show(messageOf(error)))
  })
  return form
}
