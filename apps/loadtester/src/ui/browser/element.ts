export interface ElementOptions {
  readonly class?: string
  readonly text?: string
  readonly attributes?: Readonly<Record<string, string | undefined>>
  readonly on?: Readonly<Record<string, (event: Event) => void>>
}

export type Child = Node | string | undefined | false

/** Creates an element. Text is always text, never markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  options: ElementOptions = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  if (options.class !== undefined) made.className = options.class
  if (options.text !== undefined) made.textContent = options.text
  for (const [name, value] of Object.entries(options.attributes ?? {})) {
    if (value !== undefined) made.setAttribute(name, value)
  }
  for (const [name, listener] of Object.entries(options.on ?? {})) made.addEventListener(name, listener)
  made.append(...children.filter((child): child is Node | string => child !== undefined && child !== false))
  return made
}

/** Replaces the children of an element. */
export function replace(parent: Element, ...children: readonly Child[]): void {
  parent.replaceChildren(...children.filter((child): child is Node | string => child !== undefined && child !== false))
}

/** A card with a heading. */
export function card(title: string, ...content: readonly Child[]): HTMLElement {
  return element('section', { class: 'card' }, element('h2', { text: title }), ...content)
}

export function button(label: string, onClick: () => void, className = ''): HTMLButtonElement {
  return element('button', { class: className, text: label, attributes: { type: 'button' }, on: { click: onClick } })
}

/** Opens a modal dialog that holds a form; its first action becomes Cancel. The dialog is removed when it closes. */
export function openDialog(title: string, create: (close: () => void) => HTMLFormElement): void {
  const dialog = element('dialog', { attributes: { 'aria-label': title } })
  const close = (): void => dialog.close()
  const form = create(close)
  form.querySelector('.actions')?.prepend(button('Cancel', close))
  dialog.append(element('h2', { text: title }), form)
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
}
