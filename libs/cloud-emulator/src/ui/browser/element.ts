type Child = Node | string | number | null | undefined | false
type Listener = (event: Event) => void

/** The properties of an element: attributes by name, `class`, `on…` listeners, `style` as CSS properties. */
export interface ElementOptions {
  readonly [name: string]: string | number | boolean | null | undefined | Listener | Readonly<Record<string, string>>
}

function applyOption(element: Element, name: string, value: ElementOptions[string]): void {
  if (value === null || value === undefined || value === false) return
  if (typeof value === 'function') {
    element.addEventListener(name.slice(2), value)
  } else if (typeof value === 'object') {
    if (element instanceof HTMLElement || element instanceof SVGElement) {
      for (const [property, text] of Object.entries(value)) element.style.setProperty(property, text)
    }
  } else {
    element.setAttribute(name, value === true ? '' : String(value))
  }
}

function appendAll(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue
    element.append(child instanceof Node ? child : String(child))
  }
}

/** Creates an HTML element: `el('button', { class: 'primary', onclick: save }, 'Save')`. Strings never become HTML. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  options: ElementOptions = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(options)) applyOption(element, name, value)
  appendAll(element, children)
  return element
}
