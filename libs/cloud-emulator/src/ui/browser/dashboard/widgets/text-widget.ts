import { html, render, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import type { Widget } from '../../../../contract/dashboard.ts'
import { el } from '../../element.ts'
import { type Block, type Inline, parseMarkdown } from './markdown.ts'
import { staticView, type WidgetView } from './widget-view.ts'

function inlineView(part: Inline): TemplateResult | string {
  switch (part.kind) {
    case 'code':
      return html`<code>${part.text}</code>`
    case 'strong':
      return html`<strong>${part.text}</strong>`
    case 'emphasis':
      return html`<em>${part.text}</em>`
    case 'link':
      return part.href.startsWith('#')
        ? html`<a href=${part.href}>${part.text}</a>`
        : html`<a href=${part.href} target="_blank" rel="noreferrer noopener">${part.text}</a>`
    default:
      return part.text
  }
}

function blockView(block: Block): TemplateResult {
  if (block.kind === 'code') return html`<pre>${block.text}</pre>`
  if (block.kind === 'heading') return html`<p class="text-heading">${block.content.map(inlineView)}</p>`
  if (block.kind === 'paragraph') return html`<p>${block.content.map(inlineView)}</p>`
  const items = block.items.map((item) => html`<li>${item.map(inlineView)}</li>`)
  return block.ordered ? html`<ol>${items}</ol>` : html`<ul>${items}</ul>`
}

/** Renders Markdown or raw text. */
export function textView({ content = '', format }: NonNullable<Widget['text']>): TemplateResult {
  if (format === 'RAW') return html`<pre>${content}</pre>`
  return html`${parseMarkdown(content).map(blockView)}`
}

/** A text widget. */
export function createText(text: NonNullable<Widget['text']>): WidgetView {
  const body = el('div', { class: 'widget-text', tabindex: '0', role: 'group', 'aria-label': 'Text' })
  for (const [name, value] of Object.entries(text.style ?? {})) body.dataset[name] = String(value)
  render(textView(text), body)
  return staticView(body)
}
