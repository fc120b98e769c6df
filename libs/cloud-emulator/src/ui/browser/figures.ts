import { el, setText } from './element.ts'

/** A row of numbers with their titles, at the head of a page. */
export interface Figures {
  readonly element: HTMLElement
  /** Shows a number; `bad` colours it. */
  set(key: string, text: string, bad?: boolean): void
}

/** `titles` has the title of each figure by its key. */
export function createFigures(titles: Readonly<Record<string, string>>): Figures {
  const values = new Map<string, HTMLElement>()
  const figures = Object.entries(titles).map(([key, title]) => {
    const value = el('div', { class: 'figure-value' }, '–')
    values.set(key, value)
    return el('div', { class: 'figure tile' }, el('div', { class: 'tile-title' }, title), value)
  })
  return {
    element: el('div', { class: 'figures' }, ...figures),
    set(key, text, bad = false) {
      const value = values.get(key)
      if (!value) return
      setText(value, text)
      value.classList.toggle('bad', bad)
    },
  }
}
