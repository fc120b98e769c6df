import { el } from '../element.ts'
import type { TimeRange } from '../range/time-range.ts'
import { parseTypedRange, RANGE_EXAMPLES, typedRange } from '../range/typed-range.ts'

/** The field that shows the time range and accepts any other, with a button to reset the zoom. */
export interface RangeField {
  readonly element: HTMLElement
  show(range: TimeRange): void
}

export function createRangeField(events: {
  readonly onRange: (range: TimeRange) => void
  readonly onRangeReset: () => void
  readonly nowMs: () => number
}): RangeField {
  let shown: TimeRange | undefined
  const field = el('input', {
    class: 'input range',
    'aria-label': 'Time range',
    title: `For example ${RANGE_EXAMPLES}`,
    spellcheck: 'false',
    autocomplete: 'off',
  })
  const leave = el(
    'button',
    {
      type: 'button',
      class: 'button icon-button range-reset',
      title: 'Back to the range before the zoom (Esc)',
      'aria-label': 'Reset the zoom',
      onclick: events.onRangeReset,
    },
    '✕',
  )
  const restore = (): void => {
    field.removeAttribute('aria-invalid')
    field.setCustomValidity('')
    if (shown) field.value = typedRange(shown, events.nowMs())
  }
  field.addEventListener('change', () => {
    const typed = parseTypedRange(field.value, events.nowMs())
    if (typed) {
      events.onRange(typed)
      return
    }
    field.setAttribute('aria-invalid', 'true')
    field.setCustomValidity(`"${field.value}" is not a valid time range. Examples: ${RANGE_EXAMPLES}.`)
    field.reportValidity()
  })
  field.addEventListener('input', () => {
    field.removeAttribute('aria-invalid')
    field.setCustomValidity('')
  })
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') restore()
  })
  return {
    element: el('div', { class: 'range-field' }, field, leave),
    show(range) {
      shown = range
      leave.classList.toggle('unused', range.kind === 'last')
      leave.disabled = range.kind === 'last'
      if (document.activeElement !== field || !field.hasAttribute('aria-invalid')) restore()
    },
  }
}
