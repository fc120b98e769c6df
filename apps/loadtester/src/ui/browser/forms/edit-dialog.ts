import { html } from '@node-to-cloud/browser-kit/browser/view'
import type { RunReport } from '../../../contract/run-report.ts'
import { ApiError, api } from '../api.ts'
import { openDialog } from './dialog.ts'
import { Form, typedText } from './field-form.ts'
import { readChange } from './typed-load.ts'

/** Opens a dialog to change the load. */
export function openEditDialog({ model, level }: RunReport, onChanged: () => void): void {
  const kind = model === 'open' ? 'rate' : 'users'
  openDialog('Edit the load', (close) => {
    const form = new Form({
      submit: 'Change the load',
      onCancel: close,
      fields: () => html`${form.text({
        name: 'level',
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
        const { change, problems } = readChange(kind, {
          level: typedText(typed, 'level'),
          spawnRate: typedText(typed, 'spawnRate'),
        })
        if (problems.length > 0) return problems
        try {
          await api.change(change)
        } catch (error) {
          if (!(error instanceof ApiError) || error.field !== kind) throw error
          return [{ field: 'level', message: error.message }]
        }
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
