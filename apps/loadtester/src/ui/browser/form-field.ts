import { element } from './element.ts'

/** A labelled field with room for an error message. */
export function field(name: string, label: string, control: HTMLElement, hint?: string): HTMLElement {
  const problem = element('span', { class: 'problem', attributes: { id: `${name}-problem`, 'aria-live': 'polite' } })
  control.setAttribute('aria-describedby', problem.id)
  return element(
    'label',
    { class: 'field' },
    element('span', { text: label }),
    control,
    hint !== undefined && element('small', { text: hint }),
    problem,
  )
}
