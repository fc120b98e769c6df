import { render, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'

/** Opens a modal dialog, which is gone once it is closed. */
export function openDialog(title: string, content: (close: () => void) => TemplateResult | HTMLElement): void {
  const dialog = document.createElement('dialog')
  dialog.setAttribute('aria-label', title)
  const heading = document.createElement('h2')
  heading.textContent = title
  const body = document.createElement('div')
  render(
    content(() => dialog.close()),
    body,
  )
  dialog.append(heading, body)
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
}
