import type { RunReport } from '../../contract/run-report.ts'
import { api, messageOf } from './api.ts'
import { element } from './element.ts'
import { field } from './start-form.ts'

/** Opens a dialog to change the load. */
export function openEditDialog(run: RunReport, onChanged: () => void): void {
  const open = run.model === 'open'
  const level = element('input', {
    attributes: {
      name: 'level',
      inputmode: 'decimal',
      autocomplete: 'off',
      value: String(Number(run.level.toFixed(3))),
    },
  })
  const labelled = field(
    'edit-level',
    open ? 'Arrivals per second' : 'Users',
    level,
    'Applies to the rest of the test. A paused test resumes with it.',
  )
  const dialog = element('dialog', { attributes: { 'aria-label': 'Edit the load' } })
  const cancel = element('button', {
    text: 'Cancel',
    attributes: { type: 'button' },
    on: { click: () => dialog.close() },
  })
  const form = element(
    'form',
    { class: 'form', attributes: { novalidate: '' } },
    labelled,
    element(
      'div',
      { class: 'actions' },
      cancel,
      element('button', { class: 'primary', text: 'Change the load', attributes: { type: 'submit' } }),
    ),
  )
  const problem = labelled.querySelector('.problem')
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const amount = level.value.trim() === '' ? Number.NaN : Number(level.value)
    const show = (message: string): void => {
      level.setAttribute('aria-invalid', 'true')
      if (problem !== null) problem.textContent = message
    }
    if (!Number.isFinite(amount) || amount < 0) {
      show('Enter a number of at least 0.')
      return
    }
    api.change(open ? { rate: amount } : { users: amount }).then(
      () => {
        dialog.close()
        onChanged()
      },
      (error: unknown) => show(messageOf(error)),
    )
  })
  dialog.append(element('h2', { text: 'Edit the load' }), form)
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
  level.select()
}
