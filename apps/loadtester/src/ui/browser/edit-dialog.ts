import { html } from '@node-to-cloud/browser-kit/browser/view'
import { parseTypedNumber } from '@node-to-cloud/browser-kit/format/typed-number'
import type { RunReport } from '../../contract/run-report.ts'
import { api } from './api.ts'
import { openDialog } from './dialog.ts'
import { Form, type FormProblem, typedText } from './field-form.ts'

/** Opens a dialog to change the load. */
export function openEditDialog({ model, level }: RunReport, onChanged: () => void): void {
  const field = model === 'open' ? 'rate' : 'users'
  openDialog('Edit the load', (close) => {
    const form = new Form({
      submit: 'Change the load',
      onCancel: close,
      fields: () => html`${form.text({
        name: field,
        label: model === 'open' ? 'Arrivals per second' : 'Users',
        value: String(Number(level.toFixed(3))),
        isNumber: true,
        hint: 'Applies to the rest of the test. A paused test resumes with it.',
      })}
      ${form.text({
        name: 'spawnRate',
        label: model === 'open' ? 'Change of the rate per second' : 'Users to start or end per second',
        placeholder: 'at once',
        isNumber: true,
        hint: 'Moves to the new level step by step.',
      })}`,
      send: async (typed) => {
        const amount = parseTypedNumber(typedText(typed, field))
        const change = typedText(typed, 'spawnRate')
        const perSecond = change === '' ? undefined : parseTypedNumber(change) || 0
        const problems: FormProblem[] = []
        if (amount === undefined) problems.push({ field, message: 'Enter a number of at least 0.' })
        if (perSecond === 0) problems.push({ field: 'spawnRate', message: 'Enter a number above 0, or nothing.' })
        if (problems.length > 0) return problems
        await api.change({ [field]: amount, spawnRate: perSecond })
        close()
        onChanged()
        return []
      },
    })
    form.draw()
    form.element.querySelector('input')?.select()
    return form.element
  })
}
