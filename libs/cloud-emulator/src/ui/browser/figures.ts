import { html, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'

/** A number with its title, at the top of a page. */
export interface Figure {
  readonly title: string
  readonly text: string
  /** Whether the number indicates a problem. */
  readonly bad?: boolean
}

/** A row of numbers. */
export function figuresView(figures: readonly Figure[]): TemplateResult {
  return html`<div class="figures">
    ${figures.map(
      ({ title, text, bad = false }) =>
        html`<div class="figure tile">
          <div class="tile-title" title=${title}>${title}</div>
          <div class=${bad ? 'figure-value bad' : 'figure-value'}>${text}</div>
        </div>`,
    )}
  </div>`
}
