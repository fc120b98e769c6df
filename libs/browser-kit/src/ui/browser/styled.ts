import { noChange } from 'lit-html'
import { Directive, directive, type ElementPart, type PartInfo, PartType } from 'lit-html/directive.js'

/** CSS properties by name, such as `width` or `--depth`. */
export type Styles = Readonly<Record<string, string>>

class StyledDirective extends Directive {
  #applied: Styles = {}

  constructor(part: PartInfo) {
    super(part)
    if (part.type !== PartType.ELEMENT) throw new TypeError('styled() must be used in a tag, outside its attributes')
  }

  render(_styles: Styles): unknown {
    return noChange
  }

  override update({ element }: ElementPart, [styles]: [Styles]): unknown {
    if (!(element instanceof HTMLElement || element instanceof SVGElement)) return noChange
    for (const name of Object.keys(this.#applied)) if (!(name in styles)) element.style.removeProperty(name)
    for (const [name, value] of Object.entries(styles)) {
      if (this.#applied[name] !== value) element.style.setProperty(name, value)
    }
    this.#applied = styles
    return noChange
  }
}

/**
 * Sets an element's style through the CSSOM, since the pages' content security policy forbids the attribute: `<div
 * ${styled({ width: '10%' })}>`.
 */
export const styled = directive(StyledDirective)
