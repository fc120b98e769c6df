import type { Widget } from '../../../../contract/dashboard.ts'
import { el } from '../../element.ts'
import { type Inline, parseMarkdown } from './markdown.ts'
import { staticView, type WidgetView } from './widget-view.ts'

function inlineElement(part: Inline): Node {
  switch (part.kind) {
    case 'code':
      return el('code', {}, part.text)
    case 'strong':
      return el('strong', {}, part.text)
    case 'emphasis':
      return el('em', {}, part.text)
    case 'link':
      return part.href.startsWith('#')
        ? el('a', { href: part.href }, part.text)
        : el('a', { href: part.href, target: '_blank', rel: 'noreferrer noopener' }, part.text)
    default:
      return document.createTextNode(part.text)
  }
}

/** A text widget: Markdown or raw text. */
export function createText(text: NonNullable<Widget['text']>): WidgetView {
  const body = el('div', { class: 'widget-text', tabindex: '0', role: 'group', 'aria-label': 'Text' })
  if (text.format === 'RAW') {
    body.append(el('pre', {}, text.content ?? ''))
    return staticView(body)
  }
  for (const block of parseMarkdown(text.content ?? '')) {
    if (block.kind === 'code') body.append(el('pre', {}, block.text))
    else if (block.kind === 'heading')
      body.append(el('p', { class: 'text-heading' }, ...block.content.map(inlineElement)))
    else if (block.kind === 'paragraph') body.append(el('p', {}, ...block.content.map(inlineElement)))
    else {
      const items = block.items.map((item) => el('li', {}, ...item.map(inlineElement)))
      body.append(block.ordered ? el('ol', {}, ...items) : el('ul', {}, ...items))
    }
  }
  return staticView(body)
}
