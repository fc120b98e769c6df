/**
 * Lets the up and down arrow keys move through the rows of a list.
 *
 * @param list contains the rows
 * @param selector matches the rows
 * @param before gets the focus when the up key is pressed in the first row
 */
export function moveFocusWithArrows(list: HTMLElement, selector: string, before?: HTMLElement): void {
  list.addEventListener('keydown', (event) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step === 0) return
    const rows: Element[] = [...list.querySelectorAll(selector)]
    const index = document.activeElement ? rows.indexOf(document.activeElement) : -1
    const next = index + step < 0 ? before : rows[Math.min(rows.length - 1, index + step)]
    if (next instanceof HTMLElement) next.focus()
    event.preventDefault()
  })
}
